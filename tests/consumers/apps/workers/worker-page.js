const worker = new Worker('in-worker.js', { type: 'module' });
globalThis.answer = new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data)));
