import * as z from 'zod';
import { compileFlow } from '../../../flow/compile.ts';
import { flowGraphSchema, type FlowGraph, type FlowGraphInput } from '../../../flow/graph.ts';
import type { Json, Plan } from '../../../flow/plan.ts';
import type { Subflow } from '../../../flow/subflows.ts';
import { defineNode } from '../../../node/define-node.ts';
import { toManifest } from '../../../node/manifest.ts';
import { scriptOf, type Sketch, type Sketched } from './any-graph.ts';
import type { NodeScript, Script } from './world.ts';

const actInput = z.strictObject({ id: z.string(), reads: z.unknown().optional() });

const act = defineNode({
  kind: 'test.act',
  version: 1,
  title: 'Act',
  summary: 'Changes something outside.',
  effect: 'writes',
  credential: null,
  input: actInput,
  output: z.unknown(),
  failures: { broken: 'It broke.', refused: 'It was refused.' },
  activity: {
    startToCloseTimeout: '30m',
    scheduleToCloseTimeout: '1d',
    retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 3, nonRetryableErrorTypes: ['refused'] },
  },
  idempotency: { by: 'lookup' },
  meters: {},
  examples: [{ title: 'Act', input: { id: 'a' }, output: null }],
});
const read = defineNode({ ...act, kind: 'test.read', effect: 'reads', idempotency: { by: 'nature' } });

export const manifests = [toManifest(act), toManifest(read)];

/** A drawing that can be published, its plan, and what the world does to it. */
export interface Drawn {
  readonly graph: FlowGraph;
  readonly plan: Plan;
  readonly script: Script;
}

const mostNodes = 40;

type Node = FlowGraphInput['nodes'][number];
type Edge = FlowGraphInput['edges'][number];

interface Placed {
  readonly id: string;
  readonly ports: readonly string[];
  /** Steps that can have run before it. */
  readonly before: readonly string[];
}

interface Region {
  readonly frame: string | null;
  /** What steps in it can read of what ran before the frame. */
  readonly readable: readonly string[];
  readonly isTidyingUp: boolean;
  /** The kind of the innermost loop around. */
  readonly loop: 'forEach' | 'while' | null;
  readonly isSubflow: boolean;
}

/** Times: real runs of a suite must be short. */
export interface Clock {
  readonly toDuration: (ms: number) => string;
  readonly limit: (ms: number) => string;
  /** When an attempt of an action is cut off, where it is limited. */
  readonly stepLimit: string;
  readonly parkLimit: { readonly short: string; readonly long: string };
  readonly runTimeout: { readonly short: string; readonly long: string };
  readonly initialInterval: string;
  /** A moment so many ms behind the start of the run, more or less. */
  readonly toMoment: (ms: number) => string;
}

export const virtualClock: Clock = {
  toDuration: (ms) => `${ms}ms`,
  limit: (ms) => `${1_000 + ms}ms`,
  stepLimit: '200s',
  parkLimit: { short: '5m', long: '30d' },
  runTimeout: { short: '20m', long: '60d' },
  initialInterval: '1s',
  toMoment: (ms) => new Date(Date.UTC(2026, 2, 1) + ms).toISOString(),
};

export interface DrawOptions {
  readonly clock?: Clock;
  /** Its flow, and those that it runs, have ids of their own. */
  readonly number?: number;
}

/** Gives the sketch names, places and edges: any sketch is a drawing without a mistake. */
export const drawGraph = (
  { parts, settings, cancelAfter }: Sketched,
  { clock = virtualClock, number = 0 }: DrawOptions = {},
): Drawn => {
  const flowIdOf = (count: number): string => `flow_${String(number * 1_000 + count).padStart(32, '0')}`;
  const scripts: { [id: string]: NodeScript } = {};
  let count = 0;
  let flows = 0;

  const drawFlow = (title: string, sketches: readonly Sketch[], flowId: string): { graph: FlowGraph; plan: Plan } => {
    const isSubflow = flowId !== flowIdOf(0);
    const nodes: Node[] = [{ id: 'start', kind: 'trigger.manual', title: 'start' }];
    const edges: Edge[] = [];
    const subflows = new Map<string, Subflow>();
    const set = new Set<string>();

    const addEdge = (from: string, port: string, to: string): void => {
      if (edges.some((edge) => edge.from === from && edge.port === port && edge.to === to)) return;
      edges.push({ id: `e${edges.length}`, from, port, to });
    };

    const drawRegion = (inside: readonly Sketch[], region: Region): void => {
      const placed: Placed[] = region.frame === null ? [{ id: 'start', ports: ['out'], before: [] }] : [];
      for (const [index, sketch] of inside.entries()) {
        // A frame holds something at least.
        if (count >= mostNodes && index > 0) return;
        const isSecond = sketch.kind === 'respond' && nodes.some((node) => node.kind === 'control.respond');
        const kind = count >= mostNodes || isSecond || !fits(sketch, region) ? 'act' : sketch.kind;
        count += 1;
        placed.push(drawNode({ ...sketch, kind }, region, placed));
      }
    };

    const drawNode = (sketch: Sketch, region: Region, placed: readonly Placed[]): Placed => {
      const { kind, n, isOdd, time } = sketch;
      const id = `${kind.toLowerCase()}${count}`;
      scripts[id] = scriptOf(sketch);
      const before = new Set(region.readable);
      const sources = placed.filter(({ ports }) => ports.length > 0);
      const into = sketch.from.flatMap(([place, way]) => {
        const source = sources[(sources.length - 1 - place) % Math.max(1, sources.length)] ?? sources.at(-1);
        return source ? [{ source, port: source.ports[way % source.ports.length] ?? 'out' }] : [];
      });
      const first = sources[0];
      if (into.length === 0 && region.frame === null && first)
        into.push({ source: first, port: first.ports[0] ?? 'out' });
      for (const { source, port } of into) {
        addEdge(source.id, port, id);
        for (const each of [source.id, ...source.before]) before.add(each);
      }
      const parent = region.frame === null ? {} : { parent: region.frame };
      const branches = edges.filter(({ to }) => to === id).length;
      const add = (nodeKind: string, input: Node['input'], more: Partial<Node> = {}): void =>
        void nodes.push({ id, kind: nodeKind, title: id, input, ...parent, ...more });
      const readable = [...before].filter((each) => each !== 'start');
      const given = readOf(sketch, region, readable, [...set]);
      const limit = sketch.isLimited ? { timeLimit: clock.limit(time) } : {};
      const timeout = sketch.isLimited || region.isTidyingUp ? { timeout: clock.toDuration(time + 1) } : {};
      const inner = { ...region, frame: id, readable: [...before] };
      const end = (ports: readonly string[]): Placed => ({ id, ports, before: [...before] });

      switch (kind) {
        case 'act':
        case 'read':
        case 'undoable': {
          const policy = {
            maximumAttempts: 1 + n,
            initialInterval: clock.initialInterval,
            ...(sketch.isLimited && { startToCloseTimeout: clock.stepLimit }),
            ...(sketch.onFailure && { onFailure: sketch.onFailure }),
          } as NonNullable<Node['policy']>;
          add(kind === 'read' ? 'test.read' : 'test.act', { id, ...(given !== null && { reads: given }) }, { policy });
          if (kind === 'undoable' && !region.isTidyingUp) {
            const undo = `un${id}`;
            count += 1;
            scripts[undo] = { ...scriptOf(sketch), outcomes: sketch.outcomes.slice(1) };
            const reads = { gave: `{{ steps.${id}.output }}`, ...(set.size > 0 && { vars: '{{ vars }}' }) };
            nodes.push({ id: undo, kind: 'test.act', title: undo, input: { id: undo, reads }, ...parent });
            addEdge(id, 'compensate', undo);
          }
          return end(['out', 'out', 'error']);
        }
        case 'condition':
          add('control.condition', {
            condition: { left: sketch.reads === 'nonsense' ? '{{ 1 + "a" }}' : isOdd, operator: 'isTrue' },
          });
          return end(['true', 'false']);
        case 'switch':
          add('control.switch', {
            value: `{{ ["one", "two", "three", "one"][${n}] }}`,
            cases: [
              { port: 'first', equals: 'one' },
              { port: 'second', equals: 'two' },
            ],
          });
          return end(['first', 'second', 'default']);
        case 'parallel':
          add('control.parallel', {});
          return end(['out']);
        case 'merge': {
          const others = isOdd ? 'cancel' : 'continue';
          if (n === 0 || branches === 0) add('control.merge', { join: 'all' });
          else if (n === 1) add('control.merge', { join: 'any', others });
          else add('control.merge', { join: 'count', count: Math.min(n, branches), others });
          return end(['out']);
        }
        case 'delay':
          add('control.delay', { duration: clock.toDuration(time) });
          return end(['out']);
        case 'waitUntil':
          add('control.waitUntil', { until: clock.toMoment(time) });
          return end(['out']);
        case 'waitForEvent':
          add('control.waitForEvent', {
            event: 'paid',
            correlationKey: id,
            ...(isOdd && { match: { left: '{{ event.data }}', operator: 'greaterThan', right: 1 } }),
            ...timeout,
          });
          return end(['out', 'timeout']);
        case 'approval':
          add('control.approval', { approvals: isOdd ? 2 : 1, ...timeout });
          return end(['approved', 'rejected', 'timeout']);
        case 'setVariables': {
          const name = `v${n}`;
          add('control.setVariables', { variables: { [name]: given ?? `set by ${id}` } });
          set.add(name);
          return end(['out']);
        }
        case 'respond':
          add('control.respond', { status: 200 + n, body: given });
          return end(['out', 'error']);
        case 'return':
          add('control.return', { output: { from: id, reads: given } });
          return end([]);
        case 'stop':
          add('control.stop', { outcome: isOdd ? 'succeeded' : 'failed', value: id });
          return end([]);
        case 'forEach': {
          const list = readable.find((each) => /^(act|read)\d/.test(each));
          const items = isOdd && list ? `{{ steps.${list}.output.list }}` : Array.from({ length: n }, (_, at) => at);
          const onItemFailure = (['park', 'collect', 'stop', 'collect'] as const)[n] ?? 'park';
          drawRegion(sketch.body, { ...inner, loop: 'forEach' });
          const result = resultOf(sketch, id);
          add('control.forEach', { items, concurrency: 1 + (n % 3), onItemFailure, ...result, ...limit });
          return end(['out', 'out', 'error']);
        }
        case 'while': {
          const condition = { left: '{{ loop.index }}', operator: 'lessThan', right: n };
          drawRegion(sketch.body, { ...inner, loop: 'while' });
          const check = isOdd ? 'after' : 'before';
          add('control.while', { condition, check, maximumIterations: 2, ...resultOf(sketch, id), ...limit });
          return end(['out', 'out', 'error']);
        }
        case 'try': {
          const catches = [[], ['broken'], ['refused', 'timed_out'], []][n] ?? [];
          drawRegion(sketch.body, inner);
          add('control.try', { catches, ...resultOf(sketch, id), ...limit });
          if (sketch.cleanup) {
            const cleanup = `finally${count}`;
            count += 1;
            nodes.push({ id: cleanup, kind: 'control.finally', title: cleanup, parent: id });
            drawRegion(sketch.cleanup, { ...inner, frame: cleanup, isTidyingUp: true });
          }
          return end(['out', 'caught']);
        }
        case 'subflow': {
          flows += 1;
          const subflowId = flowIdOf(flows);
          const { plan } = drawFlow(id, sketch.body, subflowId);
          subflows.set(subflowId, { name: id, status: 'active', live: { plan, planHash: id } });
          const mode = isOdd && n === 3 ? 'detach' : 'wait';
          add('control.subflow', { flowId: subflowId, input: { for: id, reads: given }, mode });
          return end(['out', 'out', 'error']);
        }
      }
    };

    /** The first step inside may have been skipped: then there is no result. */
    const resultOf = ({ reads }: Sketch, frame: string): { readonly result?: Json } => {
      const first = nodes.find(({ parent, id }) => parent === frame && !id.startsWith('un'));
      return reads === 'whatMayBeMissing' && first ? { result: `{{ steps.${first.id}.output }}` } : {};
    };

    drawRegion(sketches, { frame: null, readable: [], isTidyingUp: false, loop: null, isSubflow });
    const answers = nodes.some(({ kind }) => kind === 'control.respond');
    const webhook = { ...nodes[0], id: 'start', kind: 'trigger.webhook', title: 'start', input: { answer: 'result' } };
    const graph = flowGraphSchema.parse({
      nodes: answers ? [webhook, ...nodes.slice(1)] : nodes,
      edges,
      settings: {
        onFailure: settings.onFailure,
        compensateOnCancel: settings.compensateOnCancel,
        parkLimit: settings.isImpatient ? clock.parkLimit.short : clock.parkLimit.long,
        runTimeout: settings.runsOut ? clock.runTimeout.short : clock.runTimeout.long,
      },
    });
    const compiled = compileFlow({ flowId, flowVersion: 1, title, graph, manifests, subflows });
    if (!compiled.ok) {
      const errors = compiled.issues.filter(({ severity }) => severity === 'error');
      throw new Error(`The sketch has become a drawing with mistakes: ${JSON.stringify(errors)}`);
    }
    return { graph, plan: compiled.plan };
  };

  const { graph, plan } = drawFlow('Any', parts, flowIdOf(0));
  return { graph, plan, script: { nodes: scripts, cancelAfter } };
};

/** Kinds that may not stand everywhere. */
const fits = ({ kind }: Sketch, { frame, isSubflow }: Region): boolean => {
  if (kind === 'return') return frame === null;
  return (kind !== 'subflow' && kind !== 'respond') || !isSubflow;
};

const readOf = (
  { reads, n }: Sketch,
  { loop }: Region,
  readable: readonly string[],
  variables: readonly string[],
): Json => {
  const step = readable[n % Math.max(1, readable.length)];
  const variable = variables[n % Math.max(1, variables.length)];
  const maybe = (path: string): Json => `{{ $exists(${path}) ? ${path} : null }}`;
  switch (reads) {
    case 'output':
      return step === undefined ? null : maybe(`steps.${step}.output`);
    case 'whatMayBeMissing':
      return step === undefined ? null : `{{ steps.${step}.output }}`;
    case 'failure':
      return step === undefined ? null : maybe(`steps.${step}.failure.name`);
    case 'variable':
      return variable === undefined ? null : maybe(`vars.${variable}`);
    case 'iteration':
      if (loop === null) return null;
      return loop === 'forEach' ? ['{{ item }}', '{{ loop.index }}', '{{ loop.count }}'] : '{{ loop.index }}';
    case 'nonsense':
      return '{{ 1 + "a" }}';
    case 'nothing':
      return null;
  }
};

/** The drawing in words, for whoever reads a counter-example. */
export const toWords = ({ graph, script, plan }: Drawn): string => {
  const words = (of: FlowGraph): readonly string[] => [
    ...of.nodes.map(({ id, kind, parent, input, policy }) => {
      const told = script.nodes[id];
      const parts = [
        parent === undefined ? '' : `in ${parent}`,
        Object.keys(input).length > 0 ? JSON.stringify(input) : '',
        Object.keys(policy).length > 0 ? JSON.stringify(policy) : '',
        told && kind.startsWith('test.') ? `outcomes ${JSON.stringify(told.outcomes)}` : '',
        told && told.decisions.length > 0 ? `people ${told.decisions.join(', ')}` : '',
        told && told.visits.length > 0 && /event|approval/i.test(kind) ? `visits ${JSON.stringify(told.visits)}` : '',
        told?.isStubborn && kind.startsWith('test.') ? 'does not stop' : '',
      ];
      return `  ${id} (${kind}) ${parts.filter((part) => part !== '').join(' ')}`;
    }),
    ...of.edges.map(({ from, port, to }) => `  ${from}.${port} > ${to}`),
  ];
  const inside = Object.values(plan.steps).flatMap((step) =>
    step.type === 'subflow'
      ? [
          `  the flow of ${step.id}: ${Object.keys(step.plan.steps).join(', ')}; ${step.plan.edges.map(({ from, port, to }) => `${from}.${port} > ${to}`).join(', ')}`,
        ]
      : [],
  );
  const cancelled = script.cancelAfter === null ? [] : [`  cancelled after ${script.cancelAfter} ms`];
  return [...words(graph), ...inside, ...cancelled, `  settings ${JSON.stringify(graph.settings)}`].join('\n');
};
