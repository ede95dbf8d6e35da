/** How many iterations the search for a learning rate spends on whom: known before it runs. */

export interface RateSearchRound {
  /** How many of the best trials run. */
  readonly trials: number;
  /** Iterations of a trial at the end of the round, those of earlier rounds included. */
  readonly until: number;
}

export interface RateSearchPlan {
  readonly candidates: readonly number[];
  /** Ever fewer trials; the last rounds have one. */
  readonly rounds: readonly RateSearchRound[];
  /** Of a short training with each optimizer. */
  readonly trainingSteps: number;
}

const finalists = 3;

/**
 * Two rounds of trials, then the winner's run in quarters.
 *
 * @param iterations of a whole run
 */
export function planRateSearch(candidates: readonly number[], iterations: number): RateSearchPlan {
  const within = (low: number, value: number, high: number) =>
    Math.min(iterations, high, Math.max(low, Math.round(value)));
  const first = within(4, iterations / 24, 16);
  const second = Math.min(iterations, first + within(4, iterations / 12, 32));
  const shortest = iterations / 8;
  const quarters = [1, 2, 3].map((quarter) => Math.round((quarter * iterations) / 4));
  const marks = quarters.filter((mark) => mark - second >= shortest && iterations - mark >= shortest);
  const trials = [
    { trials: candidates.length, until: first },
    { trials: Math.min(finalists, candidates.length), until: second },
  ];
  const alone = [...marks, iterations].map((until) => ({ trials: 1, until }));
  const rounds = [...trials, ...alone].filter(({ until }, index, all) => until > (all[index - 1]?.until ?? 0));
  return { candidates, rounds, trainingSteps: 32 };
}

/**
 * Upper bound on the steps of the search, in iterations and in steps of training: it may end earlier.
 *
 * @param trainingSteps of one measurement, all optimizers together
 */
export function stepsOf({ rounds }: RateSearchPlan, trainingSteps: number): number {
  const iterations = rounds.reduce(
    (sum, { trials, until }, index) => sum + trials * (until - (rounds[index - 1]?.until ?? 0)),
    0,
  );
  const trainings = rounds.reduce((sum, { trials }) => sum + trials, 1);
  return iterations + trainings * trainingSteps;
}
