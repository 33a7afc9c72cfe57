import * as ocelli from './ocelli/direct.js';
import { job } from './job.js';

addEventListener('message', (event) => {
  const [port] = event.ports;
  event.waitUntil(job(ocelli).catch(String).then((answer) => port.postMessage(answer)));
});
