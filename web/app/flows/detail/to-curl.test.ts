import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { toCurl } from './to-curl.ts';

describe('toCurl', () => {
  it('survives a shell with quotes in the body', () => {
    const body = { note: 'it\'s "quoted" $HOME `id`' };
    const command = toCurl('http://127.0.0.1:3001/hooks/abc', body).replace(/^curl/, "printf '%s\\n'");
    const words = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim().split('\n');
    expect(words).toEqual([
      '-X',
      'POST',
      'http://127.0.0.1:3001/hooks/abc',
      '-H',
      'content-type: application/json',
      '-d',
      JSON.stringify(body),
    ]);
  });
});
