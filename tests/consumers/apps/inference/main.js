import * as ocelli from 'ocelli/inference';
import { job } from '../job.js';

globalThis.answer = job(ocelli);
