interface PlacesProps {
  readonly of: 'runs' | 'steps';
  readonly places: { readonly running: number; readonly waiting: number };
  /** Null where nothing bounds it. */
  readonly atOnce: number | null;
}

export const placesInWords = ({ places: { running, waiting }, atOnce }: Omit<PlacesProps, 'of'>): string =>
  `${running}${atOnce === null ? '' : ` of ${atOnce}`} running, ${waiting} waiting`;

/** How far a limit is used. */
export const Places = ({ of, places, atOnce }: PlacesProps) => (
  <div className="w-44 shrink-0 text-xs [header_&]:text-right">
    <p className="text-ink-2 tabular-nums">
      <span className="sr-only">{of === 'runs' ? 'Runs: ' : 'Steps: '}</span>
      {placesInWords({ places, atOnce })}
    </p>
    {atOnce === null ? null : (
      <div aria-hidden className="mt-1 h-1 overflow-hidden rounded-full bg-line">
        <div
          className={places.waiting > 0 ? 'h-full bg-warn' : 'h-full bg-info'}
          style={{ width: `${Math.min(100, (places.running / atOnce) * 100)}%` }}
        />
      </div>
    )}
  </div>
);
