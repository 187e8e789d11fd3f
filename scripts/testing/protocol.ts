declare module 'vitest' {
  interface ProvidedContext {
    /** Loopback address that starts Postgres or Temporal when a test first asks for it. */
    testServers: string;
  }
}

/** What a test is told about a server that was started for it. */
export interface Answers {
  readonly postgres: {
    /** Owner's address of the maintenance database. */
    readonly url: string;
    /** A migrated database to copy from. */
    readonly template: string;
  };
  readonly temporal: {
    /** host:port */
    readonly address: string;
    /** The program it was started from. */
    readonly binary: string;
  };
}
