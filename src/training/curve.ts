/** A loss curve of bounded size: neighbours are averaged whenever it is full, so that every point is the mean of equally many steps. */

export interface CurvePoint {
  /** The middle of the steps that it stands for, counted from 0. */
  readonly step: number;
  readonly loss: number;
}

/** Plain JSON, complete: a curve made from it goes on as the one that it was read from. */
export interface CurveState {
  readonly points: readonly CurvePoint[];
  /** Steps that a point stands for. */
  readonly width: number;
  /** Steps that do not make a point yet. */
  readonly pending: readonly CurvePoint[];
}

export interface Curve {
  add(step: number, loss: number): void;
  points(): CurvePoint[];
  state(): CurveState;
}

/** @param limit at most so many points, even */
export function createCurve(limit: number, start: CurveState = { points: [], width: 1, pending: [] }): Curve {
  let points = [...start.points];
  let width = start.width;
  let pending = [...start.pending];
  const meanOf = (list: readonly CurvePoint[]): CurvePoint => ({
    step: list.reduce((sum, { step }) => sum + step, 0) / list.length,
    loss: list.reduce((sum, { loss }) => sum + loss / list.length, 0),
  });
  return {
    add(step, loss) {
      pending.push({ step, loss });
      if (pending.length < width) return;
      points.push(meanOf(pending));
      pending = [];
      if (points.length < limit) return;
      points = Array.from({ length: limit / 2 }, (_, index) => meanOf(points.slice(2 * index, 2 * index + 2)));
      width *= 2;
    },
    points: () => (pending.length > 0 ? [...points, meanOf(pending)] : points),
    state: () => ({ points: [...points], width, pending: [...pending] }),
  };
}
