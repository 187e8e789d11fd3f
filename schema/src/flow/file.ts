import * as z from 'zod';

/** A file as flow data. Bytes of its content, characters of its name. */
export const fileLimits = { bytes: 268_435_456, name: 200 } as const;

/** Type and subtype, with parameters if need be: `text/csv; charset=utf-8`. */
const mediaTypePattern = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(?:\s*;[ -~]*)?$/;

/** Where no better media type is known. */
export const unknownMediaType = 'application/octet-stream';

/**
 * A file as it travels in flow data, like any other value: its content is stored outside of the run. Whoever has such a
 * value has not got the content: a run opens the files of its own alone.
 */
export const fileSchema = z
  .strictObject({
    ref: z
      .string()
      .regex(/^blob:[0-9a-f]{64}$/)
      .meta({ title: 'Reference' }),
    name: z.string().min(1).max(fileLimits.name).meta({ title: 'Name' }),
    mediaType: z.string().max(200).regex(mediaTypePattern).meta({ title: 'Media type' }),
    bytes: z.int().min(0).max(fileLimits.bytes).meta({ title: 'Bytes' }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ title: 'SHA-256' }),
  })
  .refine(({ ref, sha256 }) => ref === `blob:${sha256}`, 'ref and sha256 name different contents.')
  .meta({ title: 'File', format: 'file', widget: 'template' });

export type FileValue = Readonly<z.output<typeof fileSchema>>;

/** A name that is one on any system: no path, nothing invisible, not too long. */
export const toFileName = (proposed: string): string => {
  const last = proposed.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+/, '')
    .replace(/[\s.]+$/, '');
  if (clean.length <= fileLimits.name) return clean || 'file';
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(clean)?.[0] ?? '';
  // Cut by characters, so that no half of one is left.
  let kept = '';
  for (const character of clean) {
    if (kept.length + character.length + ending.length > fileLimits.name) break;
    kept += character;
  }
  return `${kept}${ending}`;
};

/** The media type that a service gave, or what any file has. */
export const toMediaType = (proposed: string | null | undefined): string => {
  const clean = proposed?.trim() ?? '';
  return clean.length <= 200 && mediaTypePattern.test(clean) ? clean : unknownMediaType;
};
