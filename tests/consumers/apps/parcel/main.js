import * as ocelli from 'ocelli/inline';
import { job } from '../job.js';

globalThis.answer = job(ocelli);
