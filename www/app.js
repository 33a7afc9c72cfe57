// The page's entry: checks the browser, opens the views, gives dropped files to whom they concern.

import { any, byId } from './ui/dom.js';
import { DropZone } from './ui/drop-zone.js';
import { fileKind } from './ui/file-kind.js';
import { LATER_VIEWS, LaterView } from './ui/view-loader.js';
import { clearNotices, errorWords, notify } from './ui/notices.js';
import { RequestCounter } from './ui/request-counter.js';
import { missingFeature } from './ui/support.js';
import { loadWords, words } from './ui/words.js';

/** @typedef {import('./lib/index.js').Classifier} Classifier */

const BUILT_IN = new URL('models/digits.safetensors', import.meta.url);
const VIEWS = ['draw', 'train', ...LATER_VIEWS];

async function main() {
  const missing = missingFeature();
  if (missing) {
    any('unsupported').textContent =
      `This browser has no ${missing}, which Ocelli computes with. Please use a current Chrome, Edge, Firefox or Safari.`;
    any('unsupported').hidden = false;
    any('view-draw').hidden = true;
    return;
  }

  const [{ Classifier }, { DrawView }, { TrainView }] = await Promise.all([
    import('./lib/index.js'),
    import('./ui/draw-view.js'),
    import('./ui/train-view.js'),
    loadWords(),
  ]);

  /** The network that reads the Draw pad. @type {Classifier | null} */
  let padNetwork = null;

  const drawView = new DrawView({ network: (file) => loadFile(file), builtIn: () => loadBuiltIn() });
  /** @param {Blob} network @param {string} name */
  async function usePadNetwork(network, name) {
    setPadNetwork(await Classifier.load(network), name, false);
    location.hash = 'draw';
    notify(words('draw.usesYours'), { kind: 'done' });
  }

  /** @type {InstanceType<typeof TrainView> | null} */
  let trainView = null;
  /** The Train view, made when it is first needed: its form is large, and a first visit draws. */
  const train = () =>
    (trainView ??= new TrainView({
      use: usePadNetwork,
      padNetwork: () => {
        if (!padNetwork) throw new Error(words('draw.notLoadedYet'));
        return padNetwork.save();
      },
    }));

  /**
   * @param {Classifier} classifier
   * @param {string} name
   * @param {boolean} builtIn
   */
  function setPadNetwork(classifier, name, builtIn) {
    padNetwork?.close();
    padNetwork = classifier;
    classifier.addEventListener('lost', () => {
      notify(words('draw.lost'));
    });
    drawView.setNetwork(classifier, name, builtIn);
  }

  async function loadBuiltIn() {
    if (!padNetwork) drawView.setStatus(words('draw.loading'));
    try {
      setPadNetwork(await Classifier.load(BUILT_IN), words('draw.builtInName'), true);
    } catch (error) {
      if (!padNetwork) drawView.setStatus(words('draw.noNetwork'));
      notify(words('draw.builtInFailed', { why: errorWords(error) }), {
        action: { label: words('page.tryAgain'), run: () => loadBuiltIn() },
      });
    }
  }

  /** @param {File} file */
  async function loadFile(file) {
    clearNotices();
    try {
      setPadNetwork(await Classifier.load(file), file.name, false);
      location.hash = 'draw';
      notify(words('draw.usesFile', { name: file.name }), { kind: 'done' });
    } catch (error) {
      notify(words('draw.fileFailed', { name: file.name, why: errorWords(error) }));
    }
  }

  /** @type {import('./ui/view-loader.js').PageParts} */
  const page = {
    padNetwork: () => padNetwork,
    padInk: () => drawView.chosenInk,
    usePadNetwork,
    async addToTraining(made) {
      if (await train().addMade(made)) location.hash = 'train';
    },
  };
  const laterViews = new Map(LATER_VIEWS.map((name) => [name, new LaterView(name, page)]));

  function showView() {
    const [wanted = '', link] = location.hash.slice(1).split('?');
    const view = VIEWS.includes(wanted) ? wanted : 'draw';
    for (const name of VIEWS) any(`view-${name}`).hidden = name !== view;
    for (const link of document.querySelectorAll('a[data-view]')) {
      if (link instanceof HTMLElement && link.dataset['view'] === view) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    scrollTo(0, 0);
    document.title = `${words(`${view}.title`)} · Ocelli`;
    if (view === 'train') train().open(link);
    for (const [name, later] of laterViews) {
      if (name === view) later.show(link);
      else later.leave();
    }
  }

  addEventListener('hashchange', showView);
  showView();

  byId('drop', DropZone).addEventListener('dropped', async (event) => {
    const files = /** @type {CustomEvent<{ files: File[] }>} */ (event).detail.files;
    clearNotices();
    const shown = laterViews.get(VIEWS.find((name) => !any(`view-${name}`).hidden) ?? '');
    if (shown && (await shown.drop(files))) return;
    const kinds = await Promise.all(files.map(fileKind));
    const data = files.filter((_, index) => kinds[index] === 'data');
    const [first] = files;
    if (data.length > 0) {
      location.hash = 'train';
      train().addData(data);
    } else if (first && kinds[0] === 'network') {
      loadFile(first);
    } else if (first) {
      location.hash = 'draw';
      drawView.readPicture(first);
    }
  });

  await loadBuiltIn();
  byId('requests', RequestCounter).start();
  document.documentElement.dataset['ready'] = '';
  performance.mark('ready'); // what the browser's own tools show, and the tests tell
  registerServiceWorker();
}

/** Offline from the next visit on. A page opened from a file, or a browser that forbids it, simply goes without. */
function registerServiceWorker() {
  if (!('serviceWorker' in navigator) || !isSecureContext) return;
  const register = () => navigator.serviceWorker.register(new URL('sw.js', import.meta.url)).catch(() => undefined);
  if (document.readyState === 'complete') register();
  else addEventListener('load', register, { once: true });
}

main().catch((error) => notify(`The page could not start. ${errorWords(error)} Load it again.`));
