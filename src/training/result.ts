/** The result of training a network from an initialisation. It is plain JSON, so that it can be stored and sent between processes. */

export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the steps of the epoch. */
  readonly trainingLoss: number;
  /** Null when it is not finite. */
  readonly testLoss: number | null;
  /** In [0, 1]. */
  readonly testAccuracy: number;
  /** Mean over the evaluations near the end of the epoch, the one at its end included; equal to `testAccuracy` where there is one. */
  readonly meanTestAccuracy: number;
  readonly seconds: number;
}

export interface TrainingResult {
  readonly start: {
    /** Mean loss of the probe: the first training samples, not augmented. */
    readonly loss: number;
    /** Global L2 norm of the loss's gradient on the probe. */
    readonly gradientNorm: number;
    /** The same for every parameter, in the order of the layers. */
    readonly gradientNorms: readonly { readonly parameter: string; readonly norm: number }[];
    readonly probeSamples: number;
  };
  /** Loss of the probe after so many steps; null when the training is shorter or its loss is not finite. */
  readonly lossAfter: Readonly<Record<'1' | '10' | '100', number | null>>;
  /** Mean loss of the training batches, averaged to at most 200 points. */
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
  readonly epochs: readonly EpochResult[];
  /** Test accuracy after the first regular epoch (Acc_1) and the best after any (Acc_best), in [0, 1]. */
  readonly accuracyFirst: number;
  readonly accuracyBest: number;
  /** As `accuracyFirst`, the mean over the evaluations near the end of the epoch. */
  readonly meanAccuracyFirst: number;
  /** After the last step, on samples that accuracy is not measured on; absent where nothing is chosen by it, null where the training diverged. */
  readonly selection?: {
    readonly loss: number | null;
    readonly accuracy: number | null;
    readonly samples: number;
  } | null;
  /** The step at which the loss became NaN or infinite; the accuracies that it did not reach count as chance, 1 / classes. Null when it never did. */
  readonly divergedAt: number | null;
  readonly seconds: number;
}
