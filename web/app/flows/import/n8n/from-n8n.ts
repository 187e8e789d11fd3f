import { flowGraphSchema, type FlowGraphInput, type PortableFlow } from '@everwave/schema/flow';
import { convertNode, type Converted } from './convert-node.ts';
import { type N8nExport, n8nExportSchema, type N8nNode, typeOf } from './n8n-export.ts';
import type { Roots } from './translate-text.ts';

/** What whoever imports it has to look at, by the title of the step. */
export interface ImportNote {
  readonly step: string;
  readonly message: string;
}

export type FromN8n =
  | { readonly ok: true; readonly flow: PortableFlow; readonly notes: readonly ImportNote[] }
  | { readonly ok: false; readonly problems: readonly { readonly path: string; readonly message: string }[] };

const longestNote = 2_000;

/** A workflow of n8n as a drawing. Nothing of it is lost in silence: what has no equal here is among the notes. */
export const fromN8n = (json: unknown): FromN8n => {
  const parsed = n8nExportSchema.safeParse(json);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    };
  }
  const workflow = parsed.data;
  const notes: ImportNote[] = [];
  const nodes = workflow.nodes.filter((node) => {
    if (typeOf(node) !== 'stickyNote') return true;
    const content = node.parameters['content'];
    const message = `A sticky note is left out: ${typeof content === 'string' ? content.slice(0, 300) : ''}`;
    notes.push({ step: node.name, message });
    return false;
  });
  const ids = idsOf(nodes);
  const roots = rootsOf(workflow, nodes, ids);
  const converted = new Map<string, Converted>(
    nodes.map((node) => [
      node.name,
      convertNode(node, { roots: roots(node.name), timeZone: workflow.settings.timezone }),
    ]),
  );
  for (const node of nodes) {
    const found = [...(converted.get(node.name)?.notes ?? []), ...notesOf(node)];
    notes.push(...found.map((message) => ({ step: node.name, message })));
  }
  const graph: FlowGraphInput = {
    nodes: nodes.map((node) => toNode(node, ids.get(node.name) ?? '', converted.get(node.name))),
    edges: edgesOf(workflow, nodes, ids, converted),
  };
  const checked = flowGraphSchema.safeParse(graph);
  if (!checked.success) {
    return {
      ok: false,
      problems: checked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    };
  }
  const name = workflow.name.trim().slice(0, 120) || 'From n8n';
  return { ok: true, flow: { name, description: 'Imported from n8n.', graph: checked.data }, notes };
};

/** Ids of steps: their names, as far as these are made of letters and digits. */
const idsOf = (nodes: readonly N8nNode[]): ReadonlyMap<string, string> => {
  const taken = new Set<string>();
  return new Map(
    nodes.map(({ name }) => {
      const letters = name
        .normalize('NFKD')
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '_')
        .replaceAll(/^[^a-z]+|_+$/g, '')
        .slice(0, 34);
      const base = letters === '' ? 'step' : letters;
      let id = base;
      for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
      taken.add(id);
      return [name, id];
    }),
  );
};

/** These hand on what came in. */
const passing = new Set(['if', 'filter', 'switch', 'merge', 'noOp', 'wait', 'stopAndError', 'respondToWebhook']);
/** Where the item stands in what a step of ours gives. */
const placeInOutput: Readonly<Record<string, string>> = {
  httpRequest: '.body',
  set: '.value',
  code: '.result',
  function: '.result',
};

const rootsOf = (
  { connections }: N8nExport,
  nodes: readonly N8nNode[],
  ids: ReadonlyMap<string, string>,
): ((nodeName: string) => Roots) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const before = new Map<string, string>();
  for (const [from, { main }] of Object.entries(connections)) {
    for (const { node } of main.flatMap((way) => way ?? [])) if (!before.has(node)) before.set(node, from);
  }
  const of = (name: string, seen: ReadonlySet<string> = new Set()): string | null => {
    const node = byName.get(name);
    if (!node || seen.has(name)) return null;
    const type = typeOf(node);
    if (type === 'webhook') return 'trigger';
    if (/trigger$/i.test(type) || type === 'start') return 'trigger.body';
    if (passing.has(type)) {
      const previous = before.get(name);
      return previous === undefined ? null : of(previous, new Set([...seen, name]));
    }
    return `steps.${ids.get(name) ?? ''}.output${placeInOutput[type] ?? ''}`;
  };
  return (nodeName) => {
    const previous = before.get(nodeName);
    return { own: previous === undefined ? null : of(previous), of: (name) => of(name) };
  };
};

const notesOf = (node: N8nNode): readonly string[] => [
  ...(node.disabled ? ['It was disabled there, and runs here.'] : []),
  ...(node.onError === 'continueErrorOutput' ? ['Its last way out was for errors: check where that leads.'] : []),
];

const toNode = (node: N8nNode, id: string, converted: Converted | undefined): FlowGraphInput['nodes'][number] => {
  const { kind = 'n8n.node', input = {} } = converted ?? {};
  const isUnknown = kind.startsWith('n8n.');
  const set = isUnknown ? `Set up in n8n as ${JSON.stringify(node.parameters)}` : '';
  const note = [node.notes, set].filter((text) => text !== '').join('\n');
  const goesOn = node.continueOnFail || node.onError === 'continueRegularOutput';
  return {
    id: id as never,
    kind,
    title: node.name.slice(0, 120),
    input: { ...input },
    // Its own places are for smaller cards: the drawing is arranged anew.
    ...(note !== '' && { note: note.slice(0, longestNote) }),
    policy: {
      ...(goesOn && { onFailure: 'continue' as const }),
      ...(node.retryOnFail && { maximumAttempts: Math.min(100, Math.max(1, Math.round(node.maxTries ?? 3))) }),
      ...(node.retryOnFail &&
        node.waitBetweenTries !== undefined && {
          initialInterval: `${Math.min(300_000, Math.max(1, Math.round(node.waitBetweenTries)))}ms`,
        }),
    },
  };
};

const edgesOf = (
  { connections }: N8nExport,
  nodes: readonly N8nNode[],
  ids: ReadonlyMap<string, string>,
  converted: ReadonlyMap<string, Converted>,
): FlowGraphInput['edges'] =>
  nodes.flatMap((node) => {
    const from = ids.get(node.name);
    const ways = connections[node.name]?.main ?? [];
    const { ports = ['out'] } = converted.get(node.name) ?? {};
    return ways.flatMap((way, at) => {
      const isError = node.onError === 'continueErrorOutput' && at === ways.length - 1 && at > 0;
      const port = isError ? 'error' : (ports[at] ?? ports.at(-1));
      return (way ?? []).flatMap(({ node: target }, index) => {
        const to = ids.get(target);
        if (from === undefined || to === undefined || port === undefined) return [];
        return [
          { id: `${from}.${port}-${to}${index > 0 ? `-${index}` : ''}`, from: from as never, port, to: to as never },
        ];
      });
    });
  });
