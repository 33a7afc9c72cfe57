const { port } = new SharedWorker('in-shared.js', { type: 'module' });
globalThis.answer = new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));
