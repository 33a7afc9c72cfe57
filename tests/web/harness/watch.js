// Runs in the page: remembers what goes wrong, for `Tab.problems`.

export function watch() {
  const page = /** @type {any} */ (globalThis);
  if (page.ocelliProblems) return;
  /** @type {string[]} */
  const problems = (page.ocelliProblems = []);
  addEventListener('error', (event) => problems.push(`error: ${event.message || 'a resource did not load'}`), true);
  addEventListener('unhandledrejection', (event) => problems.push(`unhandled rejection: ${event.reason}`));
  addEventListener('securitypolicyviolation', (event) => {
    problems.push(`CSP: ${event.violatedDirective} forbids ${event.blockedURI}`);
  });
}
