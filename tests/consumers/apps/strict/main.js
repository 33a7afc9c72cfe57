import * as ocelli from './ocelli/index.js';
import { job } from './job.js';

globalThis.answer = job(ocelli);
