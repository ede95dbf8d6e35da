/**
 * Guesses the branch of an iteration. The branch is known only after a graph has run, and each branch is a separate graph. The branch rarely changes,
 * so that the graph of the last branch runs first; if its result asks for the other branch, that one runs too. A wrong guess costs one run and is
 * counted.
 */
export interface BranchGuess<B extends string> {
  /**
   * @param wanted the branch that a result asks for
   * @param only the only branch that can run, where the samples for the other one are used up
   */
  resolve<R>(run: (branch: B) => R, wanted: (result: R) => B, only?: B): { branch: B; result: R };
  state(): BranchGuessState<B>;
}

export interface BranchGuessState<B extends string> {
  readonly predicted: B;
  readonly wrongGuesses: number;
}

/** @param start the initial state, or the one of a checkpoint */
export function createBranchGuess<B extends string>(start: BranchGuessState<B>): BranchGuess<B> {
  let { predicted, wrongGuesses } = start;
  return {
    resolve(run, wanted, only) {
      predicted = only ?? predicted;
      const result = run(predicted);
      const branch = wanted(result);
      if (branch === predicted) return { branch, result };
      wrongGuesses += 1;
      predicted = branch;
      return { branch, result: run(branch) };
    },
    state: () => ({ predicted, wrongGuesses }),
  };
}
