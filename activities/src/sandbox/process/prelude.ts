/**
 * What surrounds an author's code inside QuickJS. `createGuest` is written out as text and evaluated there, so it may
 * use nothing but its arguments and the language itself. Every function it needs is taken before the author's code can
 * change one. Nothing here is a wall: whatever the code does to it changes only what that code itself gives back.
 */

/** What the process lets the guest call. */
export interface GuestHost {
  log(level: string, text: string): void;
  readonly fetch: (id: number, request: string) => void;
  readFile(id: number, file: string): void;
  /** Text, or an ArrayBuffer. */
  createFile(id: number, file: string, content: unknown): void;
  setTimer(id: number, milliseconds: number): void;
  clearTimer(id: number): void;
  succeed(resultText: string): void;
  fail(kind: 'thrown' | 'output_not_json' | 'output_too_large', details: string): void;
}

export interface GuestSettings {
  readonly hasFetch: boolean;
  readonly idempotencyKey: string;
  readonly lineLength: number;
  readonly resultLength: number;
  readonly resultDepth: number;
  readonly messageLength: number;
}

/** What the guest lets the process call. */
export interface Guest {
  start(main: unknown, inputText: string): void;
  fetched(id: number, reply: string): void;
  /** What came of a file: its text, its bytes, the value of a new one as JSON, or why not. */
  filed(id: number, kind: 'text' | 'bytes' | 'file' | 'failed', value: unknown): void;
  /** Throws when there is no memory for so many bytes. */
  allocate(bytes: number): void;
  fire(id: number): void;
}

/** What the guest says about a thrown value. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code: string;
}

export const createGuest = (host: GuestHost, settings: GuestSettings): Guest => {
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { isArray } = Array;
  const { create, defineProperty, entries, freeze } = Object;
  const asText = String;
  const asNumber = Number;
  // oxlint-disable typescript/unbound-method -- uncurry gives each method its `this` back
  const uncurry = Function.prototype.bind.bind(Function.prototype.call) as <T, A extends unknown[], R>(
    method: (this: T, ...rest: A) => R,
  ) => (self: T, ...rest: A) => R;
  const slice = uncurry(String.prototype.slice);
  const lower = uncurry(String.prototype.toLowerCase);
  const upper = uncurry(String.prototype.toUpperCase);
  const symbolText = uncurry(Symbol.prototype.toString);
  const then = uncurry(Promise.prototype.then<void, void>);
  const sliceBytes = uncurry(ArrayBuffer.prototype.slice);
  const ofView = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const getter = (name: string) =>
    uncurry(Object.getOwnPropertyDescriptor(ofView, name)?.get as (this: object) => unknown);
  // oxlint-enable typescript/unbound-method
  const bufferOf = getter('buffer');
  const offsetOf = getter('byteOffset');
  const lengthOf = getter('byteLength');
  const isView = ArrayBuffer.isView.bind(ArrayBuffer);
  const Buffered = ArrayBuffer;
  const Bytes = Uint8Array;
  const PromiseOf = Promise;
  const resolved = Promise.resolve.bind(Promise);
  const AnyError = Error;
  const TypeProblem = TypeError;
  const containers = [Map, Set, WeakMap, WeakSet] as const;

  class FetchError extends Error {
    override readonly name = 'FetchError';
    readonly code: string;
    constructor(message: string, code: string) {
      super(message);
      this.code = code;
    }
  }

  class FileError extends Error {
    override readonly name = 'FileError';
    readonly code: string;
    constructor(message: string, code: string) {
      super(message);
      this.code = code;
    }
  }

  /** A result that JSON cannot carry. */
  class NotJson extends Error {}

  const cut = (text: string, length: number): string =>
    text.length <= length ? text : `${slice(text, 0, length - 1)}…`;

  const read = (value: object, key: string): string => {
    try {
      const member: unknown = (value as Record<string, unknown>)[key];
      return typeof member === 'string' ? cut(member, settings.messageLength) : '';
    } catch {
      return '';
    }
  };

  /** A value as a line of text. It never throws and gives no more than the code itself could have written. */
  const show = (value: unknown): string => {
    try {
      switch (typeof value) {
        case 'string':
          return value;
        case 'boolean':
        case 'number':
        case 'undefined':
          return asText(value);
        case 'function':
          return '[function]';
        case 'symbol':
          return symbolText(value);
        case 'bigint':
          return `${value}n`;
        case 'object': {
          if (value === null) return 'null';
          if (value instanceof AnyError) return `${read(value, 'name')}: ${read(value, 'message')}`;
          return (stringify(value) as string | undefined) ?? '[nothing]';
        }
      }
    } catch {
      return '[unreadable]';
    }
  };

  const describe = (value: unknown): Thrown => {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const message = isObject ? read(value, 'message') : '';
    return {
      name: (isObject && read(value, 'name')) || 'Error',
      message:
        message === '' && !(isObject && read(value, 'stack') !== '')
          ? cut(show(value), settings.messageLength)
          : message,
      stack: isObject ? read(value, 'stack') : '',
      code: isObject ? read(value, 'code') : '',
    };
  };

  const report = (value: unknown): void => host.fail('thrown', stringify(describe(value)));

  const toJson = (value: unknown): string => {
    if (value === undefined) return 'null';
    const holders = create(null) as Record<number, object>;
    const keys = create(null) as Record<number, string>;
    let depth = 0;
    const refuse = (key: string, what: string): never => {
      let path = 'result';
      for (let level = 1; level < depth; level += 1) path += `.${keys[level]}`;
      throw new NotJson(`${depth === 0 ? path : `${path}.${key}`} ${what}`);
    };
    const check = function (this: object, key: string, item: unknown): unknown {
      while (depth > 0 && holders[depth - 1] !== this) depth -= 1;
      if (typeof item === 'number' && item - item !== 0) refuse(key, `is ${item}, which JSON does not have.`);
      if (typeof item === 'bigint') refuse(key, 'is a BigInt. Return it as text: String(value).');
      if (typeof item === 'function' || typeof item === 'symbol') refuse(key, `is a ${typeof item}.`);
      if (typeof item === 'object' && item !== null) {
        if (item instanceof PromiseOf) refuse(key, 'is a promise. Put await before it.');
        for (let index = 0; index < 4; index += 1) {
          const Container = containers[index as 0];
          if (item instanceof Container) refuse(key, 'is a Map or Set. Return a plain object or list made from it.');
        }
        if (depth >= settings.resultDepth) refuse(key, `is more than ${settings.resultDepth} levels deep.`);
        holders[depth] = item;
        keys[depth] = key;
        depth += 1;
      }
      return item;
    };
    return stringify(value, check);
  };

  const finish = (value: unknown): void => {
    let text: string;
    try {
      text = toJson(value);
    } catch (error) {
      if (error instanceof NotJson) host.fail('output_not_json', cut(error.message, settings.messageLength));
      else if (error instanceof TypeProblem && error.message === 'circular reference') {
        host.fail('output_not_json', 'result contains itself.');
      } else report(error);
      return;
    }
    if (text.length > settings.resultLength) host.fail('output_too_large', asText(text.length));
    else host.succeed(text);
  };

  const define = (name: string, value: unknown): void => {
    defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  };

  const writer =
    (level: string) =>
    (...values: unknown[]): void => {
      let line = '';
      for (let index = 0; index < values.length && line.length <= settings.lineLength; index += 1) {
        line += (index === 0 ? '' : ' ') + show(values[index]);
      }
      host.log(level, cut(line, settings.lineLength));
    };
  define('console', {
    debug: writer('debug'),
    log: writer('log'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  });
  define('idempotencyKey', settings.idempotencyKey);

  let nextId = 1;
  const timers = create(null) as Record<number, (() => void) | undefined>;
  define('setTimeout', (callback: unknown, milliseconds?: unknown, ...values: unknown[]): number => {
    if (typeof callback !== 'function') throw new TypeProblem('setTimeout wants a function first.');
    const id = nextId;
    nextId += 1;
    host.setTimer(id, asNumber(milliseconds) || 0);
    timers[id] = () => apply(callback, undefined, values) as void;
    return id;
  });
  define('clearTimeout', (id: unknown): void => {
    if (typeof id !== 'number' || timers[id] === undefined) return;
    delete timers[id];
    host.clearTimer(id);
  });

  interface Waiting {
    readonly resolve: (response: unknown) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting = create(null) as Record<number, Waiting | undefined>;

  const toRequest = (target: unknown, options: Record<string, unknown>): string => {
    const { method = 'GET', headers = {}, body = null, redirect = 'follow' } = options;
    if (body !== null && typeof body !== 'string') {
      throw new TypeProblem('fetch: body must be text. Write JSON.stringify(value) for JSON.');
    }
    if (redirect !== 'follow' && redirect !== 'manual') {
      throw new TypeProblem('fetch: redirect must be "follow" or "manual".');
    }
    const lines = create(null) as Record<string, string>;
    const given = (isArray(headers) ? headers : entries(headers as object)) as [unknown, unknown][];
    for (let index = 0; index < given.length; index += 1) {
      const line = given[index];
      if (line) lines[lower(asText(line[0]))] = asText(line[1]);
    }
    return stringify({ url: asText(target), method: upper(asText(method)), headers: lines, body, redirect });
  };

  define(
    'fetch',
    (target: unknown, options: Record<string, unknown> = {}): Promise<unknown> =>
      new PromiseOf((resolve, reject) => {
        if (!settings.hasFetch) {
          throw new FetchError('fetch is off in this step. Choose under Fetch what the code may do.', 'refused');
        }
        const request = toRequest(target, options);
        const id = nextId;
        nextId += 1;
        waiting[id] = { resolve, reject };
        host.fetch(id, request);
      }),
  );

  const toResponse = (reply: { status: number; headers: Record<string, string>; body: string }): object => {
    const { status, body } = reply;
    const lines = create(null) as Record<string, string>;
    const given = entries(reply.headers);
    for (let index = 0; index < given.length; index += 1) {
      const line = given[index];
      if (line) lines[line[0]] = line[1];
    }
    return {
      status,
      ok: status >= 200 && status < 300,
      headers: freeze({
        get: (name: unknown): string | null => lines[lower(asText(name))] ?? null,
        has: (name: unknown): boolean => lines[lower(asText(name))] !== undefined,
        entries: () => entries(lines),
      }),
      text: async (): Promise<string> => body,
      json: async (): Promise<unknown> => parse(body) as unknown,
    };
  };

  /** Asks for something about a file, under a number of its own. */
  const about = (ask: (id: number) => void): Promise<unknown> =>
    new PromiseOf((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      ask(id);
      waiting[id] = { resolve, reject };
    });
  const readAs = (file: unknown, wantsText: boolean): Promise<unknown> =>
    about((id) => {
      const { name, sha256 } = (typeof file === 'object' && file !== null ? file : {}) as Record<string, unknown>;
      if (typeof sha256 !== 'string' || typeof name !== 'string') {
        throw new TypeProblem('files: give the value of a file, such as input.bill.');
      }
      host.readFile(id, stringify({ name: cut(name, 500), sha256: cut(sha256, 100), asText: wantsText }));
    });
  const toContent = (content: unknown): unknown => {
    if (typeof content === 'string' || content instanceof Buffered) return content;
    if (typeof content === 'object' && content !== null && isView(content)) {
      const from = offsetOf(content) as number;
      return sliceBytes(bufferOf(content) as ArrayBuffer, from, from + (lengthOf(content) as number));
    }
    throw new TypeProblem('files.create: the content is a text, a Uint8Array or an ArrayBuffer.');
  };
  define(
    'files',
    freeze({
      readText: (file: unknown) => readAs(file, true),
      readBytes: (file: unknown) => readAs(file, false),
      create: (description: unknown, content: unknown) =>
        about((id) => {
          const { name, mediaType = null } = (
            typeof description === 'object' && description !== null ? description : {}
          ) as Record<string, unknown>;
          if (typeof name !== 'string' || (mediaType !== null && typeof mediaType !== 'string')) {
            throw new TypeProblem('files.create: say { name, mediaType } first, both as text.');
          }
          const described = { name: cut(name, 500), mediaType: mediaType === null ? null : cut(mediaType, 300) };
          host.createFile(id, stringify(described), toContent(content));
        }),
    }),
  );

  return {
    start(main, inputText) {
      void then(
        resolved(apply(main as () => unknown, undefined, [parse(inputText)])) as Promise<void>,
        finish as () => void,
        report,
      );
    },
    fetched(id, text) {
      const one = waiting[id];
      delete waiting[id];
      const reply = parse(text) as { ok: boolean; code: string; message: string } & Parameters<typeof toResponse>[0];
      if (reply.ok) one?.resolve(toResponse(reply));
      else one?.reject(new FetchError(reply.message, reply.code));
    },
    filed(id, kind, value) {
      const one = waiting[id];
      delete waiting[id];
      if (kind === 'text') one?.resolve(value);
      else if (kind === 'bytes') one?.resolve(new Bytes(value as ArrayBuffer));
      else if (kind === 'file') one?.resolve(parse(value as string));
      else {
        const { message, code } = parse(value as string) as { message: string; code: string };
        one?.reject(new FileError(message, code));
      }
    },
    allocate(bytes) {
      void new Buffered(bytes);
    },
    fire(id) {
      const callback = timers[id];
      delete timers[id];
      try {
        callback?.();
      } catch (error) {
        report(error);
      }
    },
  };
};
