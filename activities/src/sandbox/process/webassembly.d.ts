/** The part of WebAssembly that the sandbox uses. Node has it; the types of Node leave it to those of the browser. */
declare namespace WebAssembly {
  class Module {}
  class Memory {
    /** Both in pages of 64 KiB. */
    constructor(descriptor: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
}
