import * as ocelli from './ocelli/inline.js';
import { job } from './job.js';

globalThis.answer = job(ocelli);
