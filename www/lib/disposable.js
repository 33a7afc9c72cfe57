// @ts-check

/**
 * Lets `using` close what a class makes. Not every browser knows the symbol; where `using` is compiled, it is there.
 * @param {{ prototype: { close(): void } }} kind
 */
export function disposable(kind) {
  if (!Symbol.dispose) return;
  /** @this {{ close(): void }} */
  function value() {
    this.close();
  }
  Object.defineProperty(kind.prototype, Symbol.dispose, { value, configurable: true, writable: true });
}
