/** What a bench prints: tables for people on the way, one line of JSON for programs at the end. */
export interface Report {
  /** What is being done, on standard error, so that a person sees that something is. */
  readonly progress: (line: string) => void;
  readonly table: (title: string, rows: readonly Row[]) => void;
  readonly note: (line: string) => void;
  /** The last line. */
  readonly result: (value: object) => void;
}

export type Row = Readonly<Record<string, string | number>>;

export interface ReportOptions {
  /** Nothing but the last line. */
  readonly jsonOnly: boolean;
  readonly write: (text: string) => void;
  readonly writeProgress: (text: string) => void;
}

export const createReport = ({ jsonOnly, write, writeProgress }: ReportOptions): Report => {
  const tell = (text: string) => {
    if (!jsonOnly) write(text);
  };
  return {
    progress: (line) => {
      if (!jsonOnly) writeProgress(`${line}\n`);
    },
    table: (title, rows) => tell(`\n${title}\n${renderTable(rows)}\n`),
    note: (line) => tell(`${line}\n`),
    result: (value) => write(`${jsonOnly ? '' : '\n'}${JSON.stringify(value)}\n`),
  };
};

/** Columns as wide as their widest cell; numbers to the right. */
export const renderTable = (rows: readonly Row[]): string => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => {
    const cells = rows.map((row) => row[name] ?? '');
    const width = Math.max(name.length, ...cells.map((cell) => String(cell).length));
    const right = cells.some((cell) => typeof cell === 'number');
    const pad = (text: string) => (right ? text.padStart(width) : text.padEnd(width));
    return { head: pad(name), line: '-'.repeat(width), cells: cells.map((cell) => pad(String(cell))) };
  });
  const lines = [
    columns.map(({ head }) => head),
    columns.map(({ line }) => line),
    ...rows.map((_, index) => columns.map(({ cells }) => cells[index] ?? '')),
  ];
  return lines.map((line) => `  ${line.join('  ').trimEnd()}`).join('\n');
};
