async function ask() {
  const registration = await navigator.serviceWorker.register('in-service.js', { type: 'module' });
  await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  registration.active.postMessage(null, [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
}
globalThis.answer = ask();
