import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@everwave/schema/db';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embeddedDatabase } from './backup/installation.ts';
import { startEmbeddedPostgres } from './lib/embedded-postgres.ts';
import { projectFolder } from './lib/folders.ts';
import { createTestDatabase } from './testing/test-database.ts';

// The program as it is typed, on a real Postgres: one that somebody else runs, and the embedded one while nothing runs.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-reset-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], environment: NodeJS.ProcessEnv) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      EVERWAVE_DATA: folder,
      EVERWAVE_URL: 'https://ever.example',
      ...environment,
    };
    const script = join(projectFolder, 'scripts', 'reset-owner.ts');
    execFile(process.execPath, [script, ...args], { env, cwd: folder }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

const asOwner = async <T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

const addPeople = (url: string) =>
  asOwner(url, async (sql) => {
    await sql`insert into organizations (id, name, slug) values ('org_1', 'Roastery', 'roastery')`;
    await sql`insert into users (id, name, email, email_verified) values
      ('u_1', 'Mara', 'mara@example.org', true), ('u_2', 'Teo', 'teo@example.org', true)`;
    await sql`insert into members (id, organization_id, user_id, role) values
      ('m_1', 'org_1', 'u_1', 'owner'), ('m_2', 'org_1', 'u_2', 'viewer')`;
  });

const link = /^https:\/\/ever\.example\/reset-password\?token=[\w-]{43}$/m;

describe('everwave reset-owner', () => {
  it('prints a link of half an hour for an owner on a database of one’s own, and mails it where mails are set', async () => {
    const database = await createTestDatabase();
    try {
      await addPeople(database.url);
      const environment = {
        DATABASE_URL: database.url,
        EVERWAVE_SECRET_KEY: createMasterKeyText(),
        EVERWAVE_SMTP_HOST: '127.0.0.1',
        EVERWAVE_SMTP_FROM: 'everwave@example.org',
      };
      const { code, out, err } = await run(['Mara@Example.org', '--second-factor'], environment);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(link);
      expect(out).toContain('Their second factor is removed when the link is used.');
      expect(out).toContain('mailed');
      const [links, mails, audits] = await asOwner(database.url, async (sql) => [
        await sql`select purpose, user_id, round(extract(epoch from expires_at - now()) / 60) as minutes from one_time_links`,
        await sql`select kind, recipient from mails`,
        await sql`select actor_kind, actor_name, action, target_id, org_id, details from audit_events`,
      ]);
      expect([...links]).toEqual([{ purpose: 'owner_reset_second_factor', user_id: 'u_1', minutes: '30' }]);
      expect([...mails]).toEqual([{ kind: 'owner_reset', recipient: 'mara@example.org' }]);
      expect([...audits]).toEqual([
        {
          actor_kind: 'system',
          actor_name: 'The terminal',
          action: 'user.owner_reset_ordered',
          target_id: 'u_1',
          org_id: 'org_1',
          details: { removesSecondFactor: true },
        },
      ]);
    } finally {
      await database.close();
    }
  });

  it('refuses whoever owns nothing, says what to do, and changes nothing', async () => {
    const database = await createTestDatabase();
    try {
      const environment = { DATABASE_URL: database.url, EVERWAVE_SECRET_KEY: createMasterKeyText() };
      const early = await run(['mara@example.org'], environment);
      expect([early.code, early.out]).toEqual([1, '']);
      expect(early.err).toContain('This installation has no owner yet. Start Everwave');
      await addPeople(database.url);
      const unknown = await run(['mars@example.org'], environment);
      expect([unknown.code, unknown.out]).toEqual([1, '']);
      expect(unknown.err).toContain('Nobody here has the address mars@example.org.');
      expect(unknown.err).toContain('mara@example.org  Mara, owner of Roastery');
      const viewer = await run(['teo@example.org'], environment);
      expect(viewer.code).toBe(1);
      expect(viewer.err).toContain('owns no organisation');
      for (const words of [[], ['a@b.co', 'c@d.co'], ['a@b.co', '--everything']]) {
        const wrong = await run(words, environment);
        expect(wrong.code).toBe(2);
        expect(wrong.err).toContain('Usage: everwave reset-owner <email>');
      }
      const counts = await asOwner(
        database.url,
        (sql) =>
          sql`select (select count(*) from one_time_links) as links, (select count(*) from audit_events) as entries`,
      );
      expect([...counts]).toEqual([{ links: '0', entries: '0' }]);
    } finally {
      await database.close();
    }
  });

  it('starts the embedded database for it when nothing runs, and stops it again', async () => {
    writeFileSync(join(folder, 'secret-key'), `${createMasterKeyText()}\n`, { mode: 0o600 });
    const first = await startEmbeddedPostgres({ dataFolder: folder, port: 0, database: embeddedDatabase });
    await migrate(first.url);
    await addPeople(first.url);
    await first.stop();
    const { code, out, err } = await run(['mara@example.org'], { EVERWAVE_DEMO: '0' });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(link);
    expect(out).toContain('--second-factor removes it as well');
    expect(out).not.toContain('mailed');
    const again = await startEmbeddedPostgres({ dataFolder: folder, port: 0, database: embeddedDatabase });
    try {
      const links = await asOwner(again.url, (sql) => sql`select purpose from one_time_links`);
      expect([...links]).toEqual([{ purpose: 'owner_reset' }]);
    } finally {
      await again.stop();
    }
  });
});
