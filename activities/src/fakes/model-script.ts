import { createHash } from 'node:crypto';
import * as z from 'zod';

/** What the fake model does with one of the next calls, in place of answering by itself. */
export const scriptedReplySchema = z.strictObject({
  /** The reply's text. */
  text: z.string().optional(),
  /** It declines, with this reason. */
  refusal: z.string().optional(),
  /** The token limit cuts the reply short. */
  truncated: z.boolean().default(false),
  /** It answers 429 with this Retry-After instead. */
  retryAfter: z.string().optional(),
  /** The vendor reports an error in the middle of its stream. */
  errorType: z.string().optional(),
  /** The connection breaks after so many pieces of the reply. */
  breakAfter: z.int().min(0).optional(),
  /** Wait before each piece, in milliseconds. */
  pieceDelayMs: z.int().min(0).default(0),
  /** The stream ends, decently, without its end. */
  withoutEnd: z.boolean().default(false),
  /** The server does not count. */
  withoutUsage: z.boolean().default(false),
  /** Tokens of the input that come from the cache. */
  cachedTokens: z.int().min(0).default(0),
  /** A piece that is no JSON. */
  garbled: z.boolean().default(false),
});
export type ScriptedReply = z.input<typeof scriptedReplySchema>;
type Plan = z.output<typeof scriptedReplySchema>;

/** Replies that wait for their call, first in, first out. */
export interface ModelScript {
  add(reply: ScriptedReply): void;
  next(): Plan;
  clear(): void;
}

export const createModelScript = (): ModelScript => {
  const waiting: Plan[] = [];
  return {
    add: (reply) => void waiting.push(scriptedReplySchema.parse(reply)),
    next: () => waiting.shift() ?? scriptedReplySchema.parse({}),
    clear: () => {
      waiting.length = 0;
    },
  };
};

/** As a real one counts, roughly: four characters to a token. */
export const countTokens = (text: string): number => Math.max(1, Math.ceil(text.length / 4));

/** Always the same text to the same prompt. */
export const answerTo = (prompt: string): string => {
  const [first = ''] = prompt.trim().split(/(?<=[.!?])\s/);
  return `In short: ${first.length > 160 ? `${first.slice(0, 159)}…` : first}`;
};

/** Pieces as a model streams them: word by word. */
export const piecesOf = (text: string): string[] => text.match(/\S+\s*|\s+/g) ?? [''];

type Schema = { readonly [keyword: string]: unknown };

/** Always the same value for the same schema and prompt, and one that fits. */
export const valueFor = (schema: Schema, prompt: string): unknown => {
  if ('const' in schema) return schema['const'];
  const choices = schema['enum'] ?? schema['anyOf'];
  if (Array.isArray(choices) && choices.length > 0) {
    const choice: unknown = choices[createHash('sha256').update(prompt).digest().readUInt8(0) % choices.length];
    return 'enum' in schema ? choice : valueFor(choice as Schema, prompt);
  }
  const [type] = [schema['type']].flat();
  switch (type) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
      return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valueFor(inner, prompt)]));
    }
    case 'array':
      return [valueFor((schema['items'] ?? {}) as Schema, prompt)];
    case 'number':
    case 'integer':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : prompt.length;
    case 'boolean':
      return prompt.length % 2 === 0;
    case 'null':
      return null;
    default:
      return answerTo(prompt);
  }
};

/**
 * A unit vector made of the text's words: texts that share words point the same way. Real models know meanings; this
 * one knows enough for a nearest neighbour.
 */
export const vectorOf = (text: string, dimensions: number): number[] => {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const hash = createHash('sha256').update(word).digest();
    for (let offset = 0; offset < 16; offset += 4) {
      const place = hash.readUInt32BE(offset) % dimensions;
      vector[place] = (vector[place] ?? 0) + (hash.readUInt8(16 + offset) % 2 === 0 ? 1 : -1);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
};
