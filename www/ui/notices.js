// Messages to the visitor, in one alert area at the top of the page; each can be dismissed and the page goes on.

import { byId } from './dom.js';
import { errorText, words } from './words.js';

/** Older messages make room: nobody reads a third. */
const MOST = 2;

/**
 * Shows one message; the same text again replaces the earlier one.
 * @param {string} message one sentence that says what to do
 * @param {{ kind?: 'error' | 'done', action?: { label: string, run: () => void } }} [options]
 */
export function notify(message, options = {}) {
  const area = byId('notices', HTMLElement);
  const notice = document.createElement('div');
  notice.className = 'notice';
  notice.dataset['kind'] = options.kind ?? 'error';
  const text = document.createElement('p');
  text.textContent = message;
  // Buttons that find no room beside the text go below it together.
  const actions = document.createElement('div');
  actions.className = 'notice-actions';
  notice.append(text, actions);
  const { action } = options;
  if (action) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = action.label;
    button.addEventListener('click', () => {
      notice.remove();
      action.run();
    });
    actions.append(button);
  }
  const dismiss = document.createElement('button');
  dismiss.type = 'button';
  dismiss.className = 'quiet';
  dismiss.textContent = words('page.dismiss');
  dismiss.addEventListener('click', () => {
    notice.remove();
    byId('content', HTMLElement).focus({ preventScroll: true });
  });
  actions.append(dismiss);
  for (const earlier of [...area.children]) {
    if (earlier.querySelector('p')?.textContent === message) earlier.remove();
  }
  area.append(notice);
  while (area.children.length > MOST) area.firstElementChild?.remove();
  if (options.kind === 'done' && !action) setTimeout(() => notice.remove(), 8000);
}

/** Removes what an earlier try of the same thing had to say. */
export function clearNotices() {
  byId('notices', HTMLElement).replaceChildren();
}

/**
 * The words of an error: the library's errors are sentences already, in English.
 * @param {unknown} error
 */
export function errorWords(error) {
  const message = errorText(error instanceof Error ? error.message : String(error), errorCode(error));
  // A name of a file at the beginning stays as it is.
  const sentence = /^[a-z]+[ ,]/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?。！？）]$/.test(sentence) ? sentence : `${sentence}.`;
}

/**
 * The stable code of a library error, if it is one.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function errorCode(error) {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
