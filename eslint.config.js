// Lint rules: eslint's own recommended set, and what keeps the page within its content security policy.

import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['target/', 'xtask/src/bindings.js', 'node_modules/', 'www/lib/pkg/', 'tests/consumers/out/', 'tests/consumers/apps/next/out/', '**/.next/', 'dist/', 'tests/consumers/apps/react/'] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      // Does not see `this.#x ||= …`; tsc checks the same.
      'no-unused-private-class-members': 'off',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: ['www/**/*.js'], languageOptions: { globals: { ...globals.browser, ...globals.worker } } },
  { files: ['tests/**/*.{js,mjs}', 'docs/**/*.mjs', 'examples/**/*.mjs', 'benches/**/*.{js,mjs}', '*.js'], languageOptions: { globals: globals.node } },
  { files: ['www/lib/node*.js'], languageOptions: { globals: globals.node } },
  // Functions in these run in the page they are sent to.
  { files: ['tests/web/**/*.js', 'docs/**/*.mjs', 'tests/consumers/**/*.{js,mjs}', 'benches/**/*.{js,mjs}'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
