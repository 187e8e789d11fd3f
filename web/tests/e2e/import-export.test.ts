import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { idOf } from '../fake-api/ids.ts';
import { looksRight, pageIsRight } from './looks.ts';
import { useFakeStack } from './use-fake-stack.ts';

const fake = useFakeStack();
const { open, populate } = fake;

const page = '/workflows/import';
const flowId = idOf('flow', 'New order');
const names = () => [...fake.stack.api.world.flows.values()].map(({ name }) => name);

describe('a flow as a file', () => {
  it('is exported from its page, shown, accepted under another name, and exported as the same', async () => {
    const on = await open(`/workflows/${flowId}`);
    const save = async () => {
      const [download] = await Promise.all([
        on.waitForEvent('download'),
        on.getByRole('link', { name: 'Export' }).click(),
      ]);
      return { file: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
    };
    const { file, text } = await save();
    expect(file).toBe('New-order.json');
    expect(JSON.parse(text)).toMatchObject({ format: 'everwave.flow', name: 'New order' });
    expect(text).not.toContain('conn_');

    await on.goto(`${fake.stack.url}/workflows`);
    await on.getByRole('link', { name: 'Import' }).click();
    await on
      .getByLabel('A file from Everwave or n8n')
      .setInputFiles({ name: file, mimeType: 'application/json', buffer: Buffer.from(text) });
    await on.getByRole('button', { name: 'Show it' }).click();
    await on.getByRole('button', { name: /Look up the customer/ }).waitFor();
    const before = names().length;
    await pageIsRight(on, 'import-preview');
    expect(names()).toHaveLength(before);
    await on.getByRole('textbox', { name: 'Name' }).fill('New order, copied');
    await on.getByRole('button', { name: 'Make this flow' }).click();
    await on.waitForURL('**/edit');
    expect(names()).toContain('New order, copied');

    const copied = [...fake.stack.api.world.flows.values()].find(({ name }) => name === 'New order, copied');
    await on.goto(`${fake.stack.url}/workflows/${copied?.id}`);
    const again = JSON.parse((await save()).text);
    expect({ ...again, name: 'New order' }).toEqual(JSON.parse(text));
  });

  it('is asked for on a page without an accessibility fault', async () => {
    await looksRight(open, page, 'import');
  });

  it.each([true, false])(
    'that is none says why, keeps what was pasted, and makes nothing, with script: %s',
    async (hasScript) => {
      const on = await open(page, { hasScript });
      const before = names().length;
      const text = '{ "name": "Orders" }';
      await on.getByLabel('Or what is in it').fill(text);
      await on.getByRole('button', { name: 'Show it' }).click();
      await on.getByRole('alert').getByText('This is not a flow that Everwave exported.').waitFor();
      expect(await on.getByLabel('Or what is in it').inputValue()).toBe(text);
      expect(names()).toHaveLength(before);
    },
  );

  it('comes from n8n too, with a list of what is to be looked at, and becomes a draft', async () => {
    const at = (name: string, type: string, parameters: object, x: number) => ({
      name,
      type: `n8n-nodes-base.${type}`,
      position: [x, 0],
      parameters,
    });
    const workflow = {
      name: 'From the old place',
      nodes: [
        at('Order in', 'webhook', {}, 0),
        at('Tell the packers', 'slack', { channelId: { value: 'C1' }, text: '={{ $json.body.id + 1 }}' }, 200),
        at('Add a row', 'googleSheets', { operation: 'append' }, 400),
      ],
      connections: {
        'Order in': { main: [[{ node: 'Tell the packers', type: 'main', index: 0 }]] },
        'Tell the packers': { main: [[{ node: 'Add a row', type: 'main', index: 0 }]] },
      },
    };
    const on = await open(page);
    await on.getByLabel('Or what is in it').fill(JSON.stringify(workflow));
    await on.getByRole('button', { name: 'Show it' }).click();
    const notes = on.getByRole('region', { name: 'To look at (3)' });
    await notes.getByText('There is no step for googleSheets').waitFor();
    await notes.getByText('Left as words: $json.body.id + 1').waitFor();
    await pageIsRight(on, 'import-n8n');
    await on.getByRole('button', { name: 'Make this flow' }).click();
    await on.waitForURL('**/edit');
    const made = [...fake.stack.api.world.flows.values()].find(({ name }) => name === 'From the old place');
    expect(made?.graph.nodes.map(({ kind }) => kind)).toEqual([
      'trigger.webhook',
      'slack.postMessage',
      'n8n.googleSheets',
    ]);
  });

  it('is not imported by whoever may not draw', async () => {
    populate({ role: 'viewer' });
    const on = await open(page);
    await on.getByText('Your role draws no flows').waitFor();
    expect(await on.getByRole('button', { name: 'Show it' }).count()).toBe(0);
  });
});
