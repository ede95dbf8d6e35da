/**
 * Learning rates by iteration i = 0, 1, ... of N.
 *
 *   constant   base
 *   warm-up    base (i + 1) / N up to i = N - 1, then base          (the rate of the first step is not zero)
 *   cosine     after W iterations of warm-up:  base (1 + cos(pi (i - W) / (N - W))) / 2, 0 from i = N on
 *
 * The published runs use cosine decay at every iteration: Loshchilov, Hutter: SGDR. ICLR 2017, arXiv:1608.03983.
 */

export type Schedule =
  | { readonly kind: 'constant' }
  | { readonly kind: 'warm-up'; readonly iterations: number }
  | { readonly kind: 'cosine'; readonly iterations: number; readonly warmUpIterations?: number };

const warmed = (base: number, iteration: number, iterations: number) =>
  base * Math.min(1, (iteration + 1) / iterations);

/** The rate of iteration `iteration`, counted from 0. */
export function rateAt(schedule: Schedule, base: number, iteration: number): number {
  switch (schedule.kind) {
    case 'constant':
      return base;
    case 'warm-up':
      return warmed(base, iteration, schedule.iterations);
    case 'cosine': {
      const { iterations, warmUpIterations = 0 } = schedule;
      if (iteration < warmUpIterations) return warmed(base, iteration, warmUpIterations);
      const progress = Math.min(1, (iteration - warmUpIterations) / Math.max(1, iterations - warmUpIterations));
      return (base * (1 + Math.cos(Math.PI * progress))) / 2;
    }
  }
}
