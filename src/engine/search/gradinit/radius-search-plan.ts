/**
 * The plan of the search for a radius and its cost, both known before it runs.
 *
 * A scale changes by about the rate of the scale optimizer in every iteration, so that rate x iterations, the radius, bounds |alpha - 1|. The radius
 * and not the rate is searched: a candidate of radius R runs its n iterations at the rate R / n.
 *
 *   round 0   trainings from scale 1 at every training rate: does the loss rise at the rate of the actual training?
 *   round 1   every radius: a few iterations, then trainings of the short horizon at every training rate
 *   round 2   the best radii again with more iterations; they and scale 1: trainings of the long horizon at their best training rates, with several seeds
 *
 * Default radii span those of the published runs (0.39 for ResNet-110 BN to 39 for VGG-19 BN).
 */

export interface RadiusSearchPlan {
  readonly radii: readonly number[];
  /** Factors on the rate of the actual training; 1 is one of them. */
  readonly rateFactors: readonly number[];
  /** Steps of a training in rounds 0 and 1, and in round 2. */
  readonly horizons: readonly [number, number];
  /** Number of seeds in round 2; trainings of all candidates with the same seed are paired. */
  readonly seeds: number;
  /** Number of radii in round 2. */
  readonly finalists: number;
  /** Iterations of a candidate in round 1, and in round 2. */
  readonly iterations: readonly [number, number];
  /** True: round 0 may end the search. */
  readonly gate: boolean;
}

/** Iterations of candidates in the two rounds, as a share of a run's iterations, with lower and upper bounds. */
const firstRound = { share: 1 / 24, least: 4, most: 16 };
const secondRound = { share: 1 / 6, least: 8, most: 64 };

/** @param iterations of a run with a given rate; candidates run a share of them */
export function iterationsOf(iterations: number): readonly [number, number] {
  const part = ({ share, least, most }: typeof firstRound) =>
    Math.min(iterations, Math.max(least, Math.min(most, Math.round(iterations * share))));
  return [part(firstRound), part(secondRound)];
}

export interface SearchCost {
  /** Iterations over the scales. */
  readonly iterations: number;
  /** Steps of short trainings. */
  readonly trainingSteps: number;
}

/**
 * The least cost of the search (the gate keeps scale 1) and the greatest.
 *
 * @param optimizers number of optimizers of the trainings
 */
export function costOf(
  plan: RadiusSearchPlan,
  optimizers: number,
): { readonly least: SearchCost; readonly most: SearchCost } {
  const [short, long] = plan.horizons;
  const sweep = optimizers * plan.rateFactors.length * short;
  const finalists = Math.min(plan.finalists, plan.radii.length);
  return {
    least: { iterations: 0, trainingSteps: sweep },
    most: {
      iterations: plan.radii.length * plan.iterations[0] + finalists * plan.iterations[1],
      trainingSteps: (1 + plan.radii.length) * sweep + (1 + finalists) * plan.seeds * optimizers * long,
    },
  };
}
