/** Which loss a model and a dataset ask for when the job names none. */
import type { OneTargetKind } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import type { Shape } from '../../topology/topology.ts';
import { type LossName, lossSpecs } from './specs.ts';

/** The final activation of the model, which is removed, so that the loss is computed from logits. */
export type Head = 'softmax' | 'sigmoid' | 'linear';

export interface InferredLoss {
  readonly name: LossName;
  /** The reason for the choice, for the report. */
  readonly reason: string;
}

/**
 * Chooses the loss and checks that it fits. `outputShape` has no batch axis. Throws DATASET_INVALID where no loss fits, DATASET_SHAPE_MISMATCH where
 * shapes disagree.
 */
export function inferLoss(head: Head, targets: OneTargetKind, outputShape: Shape): InferredLoss {
  const inferred = choose(head, targets, outputShape);
  lossSpecs[inferred.name].check(targets, outputShape);
  return inferred;
}

function choose(head: Head, targets: OneTargetKind, outputShape: Shape): InferredLoss {
  const wanted = targets.kind === 'classes' ? `${targets.classes} classes` : `values of shape [${targets.shape}]`;
  if (head === 'softmax')
    return { name: 'softmax-cross-entropy', reason: `the model ends in softmax, targets are ${wanted}` };
  if (head === 'sigmoid')
    return { name: 'sigmoid-cross-entropy', reason: `the model ends in sigmoid, targets are ${wanted}` };
  if (targets.kind === 'values' && targets.isBinary)
    return {
      name: 'sigmoid-cross-entropy',
      reason: `the model ends linear, all targets are 0 or 1, in ${wanted}; to regress them name mean-squared-error`,
    };
  if (targets.kind === 'values')
    return { name: 'mean-squared-error', reason: `the model ends linear, targets are ${wanted}` };
  const units = outputShape.at(-1) ?? null;
  if (units !== 1)
    return { name: 'softmax-cross-entropy', reason: `the model ends in ${units} linear units, targets are ${wanted}` };
  if (targets.classes === 2) {
    return { name: 'sigmoid-cross-entropy', reason: 'the model ends in one linear unit, targets are two classes' };
  }
  throw new AppError(
    'DATASET_SHAPE_MISMATCH',
    `the dataset has ${targets.classes} classes, the model's output has one unit: give the last layer ${targets.classes} units`,
  );
}
