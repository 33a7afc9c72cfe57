import { mount } from 'svelte';

import Digit from './Digit.svelte';

mount(Digit, { target: document.getElementById('app') });
