import { parseArgs } from 'node:util';
import { ApiError, createClient } from './client.ts';
import { type Command, UsageError } from './command.ts';
import {
  deadLettersDismiss,
  deadLettersList,
  deadLettersRepair,
  deadLettersShow,
} from './commands/dead-letter-commands.ts';
import { approvalsAnswer, approvalsList } from './commands/approval-commands.ts';
import { auditExport, auditList, auditVerify } from './commands/audit-commands.ts';
import { runFork, runMigrate } from './commands/fork-commands.ts';
import { flowDeliver } from './commands/deliver-command.ts';
import { flowDraft } from './commands/draft-command.ts';
import { eventSend } from './commands/event-commands.ts';
import { flowExport, flowImport, flowList, flowPublish } from './commands/flow-commands.ts';
import { keyCreate, keyList, keyRevoke } from './commands/key-commands.ts';
import { limitsSet, limitsShow } from './commands/limit-commands.ts';
import { memberInvite, memberList, memberRemove } from './commands/member-commands.ts';
import { roleAssign, roleCreate, roleDelete, roleList } from './commands/role-commands.ts';
import {
  scheduleBackfill,
  scheduleList,
  schedulePause,
  scheduleResume,
  scheduleShow,
  scheduleTrigger,
} from './commands/schedule-commands.ts';
import { teamAdd, teamCreate, teamDelete, teamList, teamRemove } from './commands/team-commands.ts';
import { userList, userRestore, userSuspend } from './commands/user-commands.ts';
import { runList, runRepair, runRerun, runShow, runStart } from './commands/run-commands.ts';
import { runFiles } from './commands/file-command.ts';
import { runValue } from './commands/value-command.ts';
import { accessGrant, accessOpen, accessRestrict, accessRevoke, accessShow } from './commands/access-commands.ts';
import { folderCreate, folderDelete, folderList, folderRename } from './commands/folder-commands.ts';
import { maskedFieldAdd, maskedFieldList, maskedFieldRemove } from './commands/masked-field-commands.ts';
import { variableList, variableSet, variableUnset } from './commands/variable-commands.ts';
import { serviceAccountCreate, serviceAccountDelete, serviceAccountList } from './commands/service-account-commands.ts';
import { seed } from './commands/seed-command.ts';
import { readAccess } from './env.ts';
import { harmless, table } from './format.ts';

const commands: Readonly<Record<string, Command>> = {
  'run show': runShow,
  'run value': runValue,
  'run files': runFiles,
  'run list': runList,
  'run start': runStart,
  'run rerun': runRerun,
  'run fork': runFork,
  'run migrate': runMigrate,
  'run repair': runRepair,
  'dead-letters list': deadLettersList,
  'dead-letters show': deadLettersShow,
  'dead-letters repair': deadLettersRepair,
  'dead-letters dismiss': deadLettersDismiss,
  'approvals list': approvalsList,
  'approvals answer': approvalsAnswer,
  'event send': eventSend,
  'limits show': limitsShow,
  'limits set': limitsSet,
  'schedule list': scheduleList,
  'schedule show': scheduleShow,
  'schedule pause': schedulePause,
  'schedule resume': scheduleResume,
  'schedule trigger': scheduleTrigger,
  'schedule backfill': scheduleBackfill,
  'audit list': auditList,
  'audit export': auditExport,
  'audit verify': auditVerify,
  'member list': memberList,
  'member invite': memberInvite,
  'member remove': memberRemove,
  'variable list': variableList,
  'variable set': variableSet,
  'variable unset': variableUnset,
  'folder list': folderList,
  'folder create': folderCreate,
  'folder rename': folderRename,
  'folder delete': folderDelete,
  'access show': accessShow,
  'access grant': accessGrant,
  'access revoke': accessRevoke,
  'access restrict': accessRestrict,
  'access open': accessOpen,
  'masked-field list': maskedFieldList,
  'masked-field add': maskedFieldAdd,
  'masked-field remove': maskedFieldRemove,
  'user list': userList,
  'user suspend': userSuspend,
  'user restore': userRestore,
  'team list': teamList,
  'team create': teamCreate,
  'team delete': teamDelete,
  'team add': teamAdd,
  'team remove': teamRemove,
  'key list': keyList,
  'key create': keyCreate,
  'key revoke': keyRevoke,
  'role list': roleList,
  'role create': roleCreate,
  'role delete': roleDelete,
  'role assign': roleAssign,
  'service-account list': serviceAccountList,
  'service-account create': serviceAccountCreate,
  'service-account delete': serviceAccountDelete,
  'flow list': flowList,
  'flow publish': flowPublish,
  'flow export': flowExport,
  'flow import': flowImport,
  'flow draft': flowDraft,
  'flow deliver': flowDeliver,
  seed,
};

/** What an operator does on the machine itself: scripts of their own, which need no api. Each knows its `--help`. */
const operations: Readonly<Record<string, { readonly usage: string; readonly summary: string }>> = {
  backup: {
    usage: 'backup <file or folder>',
    summary: 'Writes everything into one encrypted file, also while running.',
  },
  'reset-owner': {
    usage: 'reset-owner <email> [--second-factor]',
    summary: 'Prints a link that sets an owner’s password, when nobody can sign in.',
  },
  restore: { usage: 'restore <file>', summary: 'Brings an installation back from a backup.' },
};

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Where `.everwave` is looked for when EVERWAVE_DATA is not set. */
  readonly folder: string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Runs `scripts/<name>.ts` on this terminal. Returns its exit code. */
  readonly runScript: (name: string, args: readonly string[]) => Promise<number>;
}

const help = (): string =>
  [
    'everwave: runs, flows and dead letters from the terminal',
    '',
    table(
      [...Object.values(commands), ...Object.values(operations)].map(({ usage, summary }) => [
        `  everwave ${usage}`,
        summary,
      ]),
    ),
    '',
    'The api is found through EVERWAVE_API_URL and EVERWAVE_API_KEY, or in the data folder of npm start.',
  ].join('\n');

/** Runs one command line. Exit codes: 0 done, 1 it did not work, 2 the command line is wrong. */
export const runCli = async (
  words: readonly string[],
  { environment, folder, runScript, ...screen }: Surroundings,
): Promise<number> => {
  const print = (line: string): void => screen.print(harmless(line));
  const complain = (line: string): void => screen.complain(harmless(line));
  const [group, verb, ...rest] = words;
  if (group && Object.hasOwn(operations, group)) return runScript(group, words.slice(1));
  if (!group || group === 'help' || words.includes('--help')) {
    print(help());
    return 0;
  }
  const single = commands[group];
  const command = single ?? commands[`${group} ${verb}`];
  if (!command) {
    complain(`Unknown command: everwave ${words.join(' ')}\n\n${help()}`);
    return 2;
  }
  try {
    const { values, positionals } = parseCommandLine(command, single ? words.slice(1) : rest);
    const client = createClient(readAccess(environment, folder));
    await command.run({ client, environment, positionals, options: values, print });
    return 0;
  } catch (error) {
    complain(describe(error, command));
    return error instanceof UsageError ? 2 : 1;
  }
};

const parseCommandLine = (command: Command, words: string[]) => {
  try {
    return parseArgs({ args: words, options: command.options, allowPositionals: true }) as {
      values: Record<string, string | boolean | string[] | undefined>;
      positionals: string[];
    };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

const describe = (error: unknown, command: Command): string => {
  if (error instanceof UsageError) return `${error.message}\nUsage: everwave ${command.usage}`;
  if (error instanceof ApiError) {
    const { code, errors, requestId } = error.problem;
    const places = errors.map(({ path, message }) => `  ${path || '(request)'}: ${message}`);
    return [`${error.message} (${code})`, ...places, `request id: ${requestId}`].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
};
