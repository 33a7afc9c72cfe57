// Node, Deno and Bun alike; the program ends by itself.
import * as ocelli from 'ocelli';

import { job } from '../job.js';

console.log(JSON.stringify(await job(ocelli, new URL('../../node_modules/ocelli/models/digits.safetensors', import.meta.url))));
