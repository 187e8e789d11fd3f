import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { permissions, permissionWords, rolePermissions, roles } from './index.ts';

const documentation = fileURLToPath(new URL('../../../docs/permissions.md', import.meta.url));

const table = (): string =>
  [
    `| Permission | What it allows | ${roles.join(' | ')} |`,
    `| --- | --- | ${roles.map(() => ':-:').join(' | ')} |`,
    ...permissions.map((permission) => {
      const held = roles.map((role) => (rolePermissions[role].includes(permission) ? '✓' : ''));
      return `| \`${permission}\` | ${permissionWords[permission].text} | ${held.join(' | ')} |`;
    }),
  ].join('\n');

it('docs/permissions.md says what each built-in role may do', () => {
  const [, , found] = /(<!-- roles -->\n)([\s\S]*?)\n<!-- \/roles -->/.exec(readFileSync(documentation, 'utf8')) ?? [];
  expect(found).toBe(table());
});
