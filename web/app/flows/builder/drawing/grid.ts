/** Cards stand on a grid, px. */
export const grid = 22;

/** A place on the drawing, px. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

const snapped = (value: number): number => {
  const rounded = Math.round(value / grid) * grid;
  return rounded === 0 ? 0 : rounded;
};

export const snap = ({ x, y }: Spot): Spot => ({ x: snapped(x), y: snapped(y) });
