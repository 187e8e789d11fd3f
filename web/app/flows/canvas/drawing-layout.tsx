import type { ReactNode } from 'react';
import type { Orientation } from './layout-graph.ts';

interface DrawingLayoutProps {
  readonly orientation: Orientation;
  readonly canvas: ReactNode;
  /** What belongs to the chosen step; stands first. */
  readonly main: ReactNode;
  readonly aside: ReactNode;
}

const frame = 'card relative overflow-hidden';

/** Gives a drawing the room it needs: a tall one stands beside the cards, a wide one above them. */
export const DrawingLayout = ({ orientation, canvas, main, aside }: DrawingLayoutProps) =>
  orientation === 'vertical' ? (
    <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_minmax(440px,44%)]">
      <div
        className={`${frame} h-[58dvh] min-h-[400px] xl:sticky xl:top-19 xl:h-[calc(100dvh-96px)] xl:max-h-[1100px]`}
      >
        {canvas}
      </div>
      <div className="min-w-0 space-y-5">
        {main}
        {aside}
      </div>
    </div>
  ) : (
    <div className="space-y-5">
      <div className={`${frame} h-[44dvh] min-h-[340px]`}>{canvas}</div>
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <div className="min-w-0 space-y-5">{main}</div>
        <div className="min-w-0 space-y-5">{aside}</div>
      </div>
    </div>
  );
