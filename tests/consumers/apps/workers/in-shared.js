import * as ocelli from './ocelli/direct.js';
import { job } from './job.js';

addEventListener('connect', ({ ports: [port] }) => {
  job(ocelli).catch(String).then((answer) => port.postMessage(answer));
});
