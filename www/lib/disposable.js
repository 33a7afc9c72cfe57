// @ts-check

/**
 * Lets `using` close what a class makes. Not every browser knows the symbol; where `using` is compiled, it is there.
 * @param {{ prototype: { close(): void } }} kind
 */
export function disposable(kind) {
  if (!Symbol.dispose) return;
  Object.defineProperty(kind.prototype, Symbol.dispose, {
    value: /** @this {{ close(): void }} */ function () {
      this.close();
    },
    configurable: true,
    writable: true,
  });
}
