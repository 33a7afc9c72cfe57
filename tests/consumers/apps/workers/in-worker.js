import * as ocelli from './ocelli/index.js';
import { job } from './job.js';

job(ocelli).catch(String).then((answer) => postMessage(answer));
