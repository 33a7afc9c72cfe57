// Makes a classifier of pictures that lie in one folder for each class: node train.mjs pictures model.safetensors

import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Classifier, readDataset } from 'ocelli';
import { recipeFor } from 'ocelli/presets';

const [folder, model] = process.argv.slice(2);
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
const files = await Promise.all(paths.map(async (path) => ({ name: relative(folder, path), bytes: await readFile(path) })));

// Classes, and the size of what the network will see, are read off the files.
const examples = await readDataset({ files });
console.log(`${examples.labels.length} pictures of ${examples.classNames.join(', ')}`);

const classifier = await Classifier.create('compact', { inputShape: examples.shape, labels: examples.classNames });
await classifier.setDataset(examples);
const { history } = await classifier.train({
  ...recipeFor('compact'),
  epochs: 10,
  batchSize: 16,
  onProgress: ({ epoch, loss }) => process.stdout.write(`\repoch ${epoch}, loss ${loss.toFixed(3)} `),
});
console.log(`\n${((history.at(-1).validationAccuracy ?? 0) * 100).toFixed(1)} % of the pictures that were held out are told right`);
await writeFile(model, new Uint8Array(await (await classifier.save()).arrayBuffer()));
