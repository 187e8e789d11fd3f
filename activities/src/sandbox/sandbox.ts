import { createDeferred } from './deferred.ts';
import type { Ended, Program } from './messages.ts';
import { sandboxCommand } from './sandbox-command.ts';
import {
  type ProgramHandlers,
  type SandboxCommand,
  type SandboxProcess,
  SandboxLost,
  startSandboxProcess,
} from './sandbox-process.ts';

/** Where authors' code runs: a bounded number of processes, none of which ever serves two organisations. */
export interface Sandbox {
  /** Starts a first process, so that the first program need not wait for it. */
  warm(): void;
  /**
   * Waits for a free place, then runs the program. Rejects with `SandboxLost` when its process died, with the signal's
   * reason when it is aborted, or with what `handlers.fetch` rejected with; the process is killed then.
   */
  run(orgId: string, program: Program, handlers: ProgramHandlers, signal: AbortSignal): Promise<Ended>;
  /** Kills every process. Programs still running are lost. */
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** Programs at the same time. */
  readonly places: number;
  readonly command?: SandboxCommand;
}

/** A process is replaced after so much use, whichever comes first. */
const mostPrograms = 200;
const mostMilliseconds = 60_000;

interface Member {
  readonly process: SandboxProcess;
  /** Set with the first program, for life. */
  orgId: string | null;
}

export const createSandbox = ({ places, command = sandboxCommand() }: SandboxOptions): Sandbox => {
  const members = new Set<Member>();
  /** Longest idle first. */
  let idle: Member[] = [];
  let taken = 0;
  let isClosed = false;
  const queue: (() => void)[] = [];

  const start = (): Member => {
    const member: Member = { process: startSandboxProcess(command), orgId: null };
    members.add(member);
    void member.process.exited.then(() => {
      members.delete(member);
      idle = idle.filter((other) => other !== member);
    });
    return member;
  };
  /** Keeps one process ready that belongs to nobody yet. */
  const keepSpare = (): void => {
    if (isClosed || members.size > places || idle.some(({ orgId }) => orgId === null)) return;
    idle.push(start());
  };
  const choose = (orgId: string): Member => {
    const member = idle.find((one) => one.orgId === orgId) ?? idle.find((one) => one.orgId === null);
    if (member) {
      idle = idle.filter((other) => other !== member);
      return member;
    }
    if (members.size > places) idle.shift()?.process.kill();
    return start();
  };
  const putBack = (member: Member, isSpent: boolean): void => {
    const { programs, milliseconds } = member.process.used;
    const isUsedUp = programs >= mostPrograms || milliseconds >= mostMilliseconds;
    if (isClosed || isSpent || isUsedUp || !members.has(member)) member.process.kill();
    else idle.push(member);
    keepSpare();
  };

  const takePlace = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (taken < places) {
      taken += 1;
      return;
    }
    const { promise, resolve, reject } = createDeferred<void>();
    const leave = (): void => {
      queue.splice(queue.indexOf(resolve), 1);
      reject(signal.reason);
    };
    queue.push(resolve);
    signal.addEventListener('abort', leave, { once: true });
    await promise.finally(() => signal.removeEventListener('abort', leave));
  };
  /** The place goes to whoever has waited longest. */
  const givePlace = (): void => {
    const next = queue.shift();
    if (next) next();
    else taken -= 1;
  };

  return {
    warm: keepSpare,
    async run(orgId, program, handlers, signal) {
      if (isClosed) throw new SandboxLost('The sandbox is closed: the worker is stopping.');
      await takePlace(signal);
      try {
        const member = choose(orgId);
        member.orgId = orgId;
        keepSpare();
        let isSpent = true;
        try {
          const ended = await member.process.run(program, handlers, signal);
          isSpent = ended.spent;
          return ended;
        } finally {
          putBack(member, isSpent);
        }
      } finally {
        givePlace();
      }
    },
    async close() {
      isClosed = true;
      const exits = [...members].map(({ process }) => process.exited);
      for (const { process } of members) process.kill();
      await Promise.all(exits);
    },
  };
};
