/** What one stage of a Dockerfile says, in the form that the container engine would carry out. */
export interface Stage {
  readonly name: string;
  /** Another stage's name, or an image. */
  readonly from: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: 'run'; readonly script: string }
  | {
      readonly kind: 'copy';
      readonly stage: string | null;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'workdir'; readonly folder: string }
  | { readonly kind: 'env'; readonly name: string; readonly value: string }
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'entrypoint' | 'command'; readonly words: readonly string[] }
  /** null: the image has no check. */
  | { readonly kind: 'healthcheck'; readonly words: readonly string[] | null }
  | { readonly kind: 'note' };

/** Reads the instructions that our Dockerfile uses. Throws with the line on any other, so that none is passed over. */
export const parseDockerfile = (text: string): readonly Stage[] => {
  const stages: { name: string; from: string; steps: Step[] }[] = [];
  for (const { line, instruction, rest } of instructionsOf(text)) {
    const unknown = () => new Error(`Line ${line} of the Dockerfile is not understood: ${instruction} ${rest}`);
    if (instruction === 'FROM') {
      const [, from, name] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
      if (!from || !name) throw unknown();
      stages.push({ name, from, steps: [] });
      continue;
    }
    const step = parseStep(instruction, rest);
    if (!step || stages.length === 0) throw unknown();
    stages.at(-1)?.steps.push(step);
  }
  return stages;
};

const parseStep = (instruction: string, rest: string): Step | null => {
  switch (instruction) {
    case 'RUN':
      return { kind: 'run', script: rest.replace(/^(?:--mount=type=cache\S* )+/, '') };
    case 'COPY':
      return parseCopy(rest);
    case 'WORKDIR':
      return { kind: 'workdir', folder: rest };
    case 'USER':
      return { kind: 'user', user: rest };
    case 'ENV': {
      const [, name, value] = /^(\w+)=(\S+)$/.exec(rest) ?? [];
      return name && value ? { kind: 'env', name, value } : null;
    }
    case 'ENTRYPOINT':
      return { kind: 'entrypoint', words: wordsOf(rest) };
    case 'CMD':
      return { kind: 'command', words: wordsOf(rest) };
    case 'HEALTHCHECK': {
      if (rest === 'NONE') return { kind: 'healthcheck', words: null };
      const [, words] = /^(?:--\S+ )*CMD (\[.+\])$/.exec(rest) ?? [];
      return words ? { kind: 'healthcheck', words: wordsOf(words) } : null;
    }
    case 'EXPOSE':
    case 'LABEL':
      return { kind: 'note' };
    default:
      return null;
  }
};

const parseCopy = (rest: string): Step | null => {
  const [, stage, paths = ''] = /^(?:--from=(\S+) )?([^-].*)$/.exec(rest) ?? [];
  const words = paths.split(' ').filter(Boolean);
  const target = words.pop();
  return target && words.length > 0 ? { kind: 'copy', stage: stage ?? null, sources: words, target } : null;
};

/** The form with a shell in between would swallow signals, so only a list of words is taken. */
const wordsOf = (text: string): string[] => JSON.parse(text) as string[];

const instructionsOf = (text: string): { line: number; instruction: string; rest: string }[] => {
  const found: { line: number; instruction: string; rest: string }[] = [];
  let open = '';
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    const joined = open + raw.trim();
    if (joined.endsWith('\\')) {
      open = `${joined.slice(0, -1).trim()} `;
      continue;
    }
    open = '';
    const [, instruction = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(joined) ?? [];
    found.push({ line: index + 1, instruction: instruction.toUpperCase(), rest });
  }
  return found;
};
