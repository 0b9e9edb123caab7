/** The part of the WebAssembly interface that is used here; it comes with browser types otherwise, which the daemon has none of. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, () => unknown>>>>);
  }
  class RuntimeError extends Error {}
}
