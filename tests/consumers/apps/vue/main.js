import { createApp } from 'vue';

import Digit from './Digit.vue';

createApp(Digit).mount('#app');
