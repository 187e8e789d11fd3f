import { useId } from 'react';
import { classNames } from '#app/words/class-names.ts';
import { toLines } from './chart-bars.ts';

interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly stroke: string;
  /** Dashes tell lines apart without colour. */
  readonly isDashed?: boolean;
}

interface LineChartProps {
  /** What the chart shows, in a sentence with its figures. */
  readonly label: string;
  readonly lines: readonly Line[];
}

const width = 600;
const height = 120;

/** Lines over time on a logarithm, so that one slow day leaves the others readable. */
export const LineChart = ({ label, lines }: LineChartProps) => {
  const id = useId();
  const most = Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-labelledby={id}
      className="h-30 w-full overflow-visible border-b border-line"
    >
      <title id={id}>{label}</title>
      {lines.map(({ name, values, stroke, isDashed }) =>
        toLines(values, most).map((line) => {
          const points = line.map(({ x, y }) => `${x * width},${4 + (1 - y) * (height - 8)}`);
          const [only = ''] = points;
          // A single day has no line: it becomes a short stroke.
          const shown =
            points.length === 1 ? [`${Number(only.split(',')[0]) - 4},${only.split(',')[1]}`, only] : points;
          return (
            <polyline
              key={`${name} ${only}`}
              points={shown.join(' ')}
              fill="none"
              strokeWidth={2}
              strokeLinecap="round"
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
              strokeDasharray={isDashed ? '5 5' : undefined}
              className={classNames('stroke-current', stroke)}
            />
          );
        }),
      )}
    </svg>
  );
};
