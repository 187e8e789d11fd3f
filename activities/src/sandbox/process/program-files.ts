import type { FileValue } from '@everwave/schema/flow';
import { sandboxLimits as limits } from '../limits.ts';
import type { FileCall, FileReply } from '../messages.ts';

/** Why a file cannot be had, for the code to catch. */
export class FileRefused extends Error {
  readonly code: 'refused' | 'limit';
  constructor({ code, message }: Extract<FileReply, { ok: false }>) {
    super(message);
    this.code = code;
  }
}

/** Files of one program, asked for from the worker part by part. */
export interface ProgramFiles {
  read(file: Pick<FileValue, 'name' | 'sha256'>): Promise<Buffer>;
  create(file: { readonly name: string; readonly mediaType: string | null }, content: Buffer): Promise<FileValue>;
  /** The worker has answered a call. */
  answered(id: number, reply: FileReply): void;
}

export const createProgramFiles = (send: (id: number, call: FileCall) => void): ProgramFiles => {
  const waiting = new Map<number, (reply: FileReply) => void>();
  let nextId = 1;
  const ask = async (call: FileCall): Promise<Extract<FileReply, { ok: true }>> => {
    const id = nextId;
    nextId += 1;
    const reply = await new Promise<FileReply>((resolve) => {
      waiting.set(id, resolve);
      send(id, call);
    });
    if (!reply.ok) throw new FileRefused(reply);
    return reply;
  };
  return {
    async read(file) {
      const { handle = 0 } = await ask({ do: 'open', ...file });
      const parts: Buffer[] = [];
      for (;;) {
        const { content } = await ask({ do: 'read', handle });
        if (content == null) return Buffer.concat(parts);
        parts.push(Buffer.from(content, 'base64'));
      }
    },
    async create(file, content) {
      const { handle = 0 } = await ask({ do: 'create', ...file });
      for (let at = 0; at < content.length; at += limits.filePartBytes) {
        const part = content.subarray(at, at + limits.filePartBytes);
        await ask({ do: 'write', handle, content: part.toString('base64') });
      }
      const { file: made } = await ask({ do: 'finish', handle });
      if (!made) throw new Error('The worker has made no file.');
      return made;
    },
    answered: (id, reply) => {
      waiting.get(id)?.(reply);
      waiting.delete(id);
    },
  };
};
