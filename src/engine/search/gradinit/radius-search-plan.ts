/**
 * What the search for a radius does and how much of it: known before it runs.
 *
 * A scale moves by about the rate of the scale optimizer in every iteration, so rate x iterations, the radius, bounds |alpha - 1|. The radius, not the
 * rate, is what is searched: a candidate of radius R runs its n iterations at the rate R / n.
 *
 *   round 0   scale 1 is trained from, at every training rate: does its loss rise at the rate that will train?
 *   round 1   every radius: a few iterations, then trainings of the short horizon at every training rate
 *   round 2   the best radii anew with more iterations; they and scale 1: trainings of the long horizon at their best training rates, with several seeds
 *
 * Default radii span those of the published runs (0.39 for ResNet-110 BN to 39 for VGG-19 BN).
 */

export interface RadiusSearchPlan {
  readonly radii: readonly number[];
  /** Factors on the rate that will train; 1 is one of them. */
  readonly rateFactors: readonly number[];
  /** Steps of a training in rounds 0 and 1, and in round 2. */
  readonly horizons: readonly [number, number];
  /** Seeds of round 2; trainings of all candidates with one seed are paired. */
  readonly seeds: number;
  /** How many radii reach round 2. */
  readonly finalists: number;
  /** Iterations of a candidate in round 1, and in round 2. */
  readonly iterations: readonly [number, number];
  /** Whether round 0 may end the search. */
  readonly gate: boolean;
}

/** The share of a run's iterations that candidates of the two rounds take, and the fewest and most. */
const firstRound = { share: 1 / 24, least: 4, most: 16 };
const secondRound = { share: 1 / 6, least: 8, most: 64 };

/** @param iterations of a run with one rate; candidates get a share of them */
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
 * What the search costs at least (the gate keeps scale 1) and at most.
 *
 * @param optimizers how many optimizers are trained with
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
