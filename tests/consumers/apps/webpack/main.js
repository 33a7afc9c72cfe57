import * as ocelli from 'ocelli';
import { job } from '../job.js';

globalThis.answer = job(ocelli);
