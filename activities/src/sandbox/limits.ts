/** Bounds of the sandbox. The process keeps them, and the worker checks that it did. */
export const sandboxLimits = {
  /** Lines of the console that leave the process; the code may write more. */
  consoleLines: 200,
  /** UTF-16 units of one line. */
  consoleLineLength: 2_000,
  /** Bytes of all kept lines together, as JSON. */
  consoleBytes: 48 * 1024,
  /** Bytes of the result as JSON. With the console it stays below what a step may return. */
  resultBytes: 960 * 1024,
  /** Levels of lists and objects inside each other. */
  resultDepth: 100,
  /** UTF-16 units of an error's message. */
  messageLength: 2_000,
  /** Timers that wait at the same time. */
  timers: 1_000,
  /** Requests of one execution. */
  requests: 50,
  /** Requests under way at the same time; others wait their turn. */
  requestsAtOnce: 6,
  /** Bytes sent by all requests together: addresses, headers and bodies. */
  requestBytes: 1024 * 1024,
  /** Bytes received in all bodies together. */
  replyBytes: 5 * 1024 * 1024,
  /** Files that one execution may read, and so many that it may make. Their bytes are bounded by its memory. */
  files: 20,
  /** Bytes of a file in one message. */
  filePartBytes: 1024 * 1024,
  /** Messages about files: opening, reading and closing them, part by part. */
  fileCalls: 2_000,
  /** Bytes of one message between worker and process. */
  messageBytes: 8 * 1024 * 1024,
  /** Depth of the code's own calls: bytes of QuickJS's stack. */
  stackBytes: 512 * 1024,
} as const;
