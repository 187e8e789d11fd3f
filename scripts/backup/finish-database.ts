import { createDatabase } from '@everwave/schema/db';
import { checkMasterKey, moveToCurrentKey } from '@everwave/temporal/encryption';
import postgres from 'postgres';
import { type KeyTexts, toMasterKeys } from './secret-keys.ts';

export interface RestoredFrom {
  readonly takenAt: string;
  readonly release: string;
  /** False: nothing ran between the backup and now. */
  readonly leavesDoubt: boolean;
}

/** Moves what is sealed to the current master key, and notes that this database comes from a backup. */
export const finishDatabase = async (url: string, keys: KeyTexts, from: RestoredFrom): Promise<void> => {
  const masterKeys = toMasterKeys(keys);
  const db = createDatabase({ url, applicationName: 'everwave-restore', max: 2 });
  try {
    await checkMasterKey(db, masterKeys);
    await moveToCurrentKey(db, masterKeys);
  } finally {
    await db.$client.end({ timeout: 5 });
  }
  await noteRestore(url, from);
};

/**
 * Puts the restore on record. Effects that the ledger says were not sent may have been sent after the backup: they become
 * open ones, which are asked about before they are sent again. The ordinal rises, so that the next try by a person is told
 * about the doubt before one more can overrule it.
 */
export const noteRestore = async (url: string, { takenAt, release, leavesDoubt }: RestoredFrom): Promise<void> => {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'everwave-restore', search_path: 'public' },
  });
  try {
    await sql.begin(async (tx) => {
      await tx`
        insert into restores (taken_at, leaves_doubt, release) values (${takenAt}, ${leavesDoubt}, ${release})`;
      if (!leavesDoubt) return;
      await tx`
        update effects set state = 'sent', ordinal = ordinal + 1, first_sent_at = coalesce(first_sent_at, ${takenAt})
        where state in ('intent', 'failed')`;
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
};
