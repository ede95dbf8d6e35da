/** A loss curve of bounded size: whenever it is full, neighbouring points are averaged, so that every point is the mean of the same number of steps. */

export interface CurvePoint {
  /** The middle of the steps that the point averages, counted from 0. */
  readonly step: number;
  readonly loss: number;
}

/** The whole state as plain JSON: a curve that is restored from it continues exactly. */
export interface CurveState {
  readonly points: readonly CurvePoint[];
  /** Number of steps that one point averages. */
  readonly width: number;
  /** Steps that do not fill a point yet. */
  readonly pending: readonly CurvePoint[];
}

export interface Curve {
  add(step: number, loss: number): void;
  points(): CurvePoint[];
  state(): CurveState;
}

/** @param limit most points that are kept; an even number */
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
