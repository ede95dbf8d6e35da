/** The losses without their functions: schemas of options, and checks of the model and the dataset. Defaults are those of Keras 3. */
import { type Static, type TObject, Type } from 'typebox';
import type { OneTargetKind } from '../../batch.ts';
import { completeOptions } from '../../complete-options.ts';
import { AppError } from '../../errors.ts';
import type { Shape } from '../../topology/topology.ts';
import type { LossSpec } from './loss.ts';

const noOptions = Type.Object({}, { additionalProperties: false });

const softmaxOptions = Type.Object(
  {
    labelSmoothing: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0,
      description: 'Share of every target that is spread evenly over all classes.',
    }),
  },
  { additionalProperties: false },
);
export type SoftmaxOptions = Static<typeof softmaxOptions>;

const huberOptions = Type.Object(
  {
    delta: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'The error at which the square turns linear.' }),
  },
  { additionalProperties: false },
);
export type HuberOptions = Static<typeof huberOptions>;

function mismatch(message: string): never {
  throw new AppError('DATASET_SHAPE_MISMATCH', message);
}

const lastOf = (shape: Shape) => shape.at(-1) ?? null;

/** True when the shapes are equal wherever both are known; one value per sample may be a scalar. */
function sameShape(values: Shape, outputs: Shape): boolean {
  const flat = values.length === 0 ? [1] : values;
  return flat.length === outputs.length && flat.every((extent, axis) => [extent, null].includes(outputs[axis] ?? null));
}

function checkClasses(name: string, classes: number, outputShape: Shape): void {
  const units = lastOf(outputShape);
  if (units === null) mismatch(`${name} needs an output with units, the model's output has shape [${outputShape}]`);
  if (classes > units) {
    mismatch(
      `the dataset has ${classes} classes, the model's output has ${units} units: give the last layer ${classes} units`,
    );
  }
}

function checkValues(shape: Shape, outputShape: Shape): void {
  if (sameShape(shape, outputShape)) return;
  mismatch(`the dataset's targets have shape [${shape}] per sample, the model's output has shape [${outputShape}]`);
}

/** Ids [...] go with outputs [..., units]. */
function checkPositions({ shape = [] }: OneTargetKind, outputShape: Shape): void {
  const positions = outputShape.slice(0, -1);
  if (shape.length === positions.length && positions.every((extent, axis) => extent === null || extent === shape[axis]))
    return;
  mismatch(
    `the dataset's class ids have shape [${shape}] per sample, the model's output has shape [${outputShape.map((extent) => extent ?? 'any')}]: it must be that shape and an axis of units`,
  );
}

/** One unit takes class ids as numbers; more units take them one-hot. */
function checkElementwise(name: string, targets: OneTargetKind, outputShape: Shape): void {
  if (targets.kind === 'values') {
    checkValues(targets.shape, outputShape);
    return;
  }
  if (outputShape.length !== 1) {
    throw new AppError(
      'DATASET_INVALID',
      `${name} takes class ids only for outputs of shape [units], the model's output has shape [${outputShape}]`,
    );
  }
  if (lastOf(outputShape) !== 1) checkClasses(name, targets.classes, outputShape);
}

const softmaxCrossEntropy = {
  name: 'softmax-cross-entropy',
  summary: 'Cross-entropy of logits against class ids or probabilities over the last axis.',
  options: softmaxOptions,
  logits: 'softmax',
  check(targets, outputShape) {
    if (lastOf(outputShape) === 1) {
      mismatch(
        "softmax over one unit is always 1: use 'sigmoid-cross-entropy', or give the last layer one unit per class",
      );
    }
    if (targets.kind === 'values') return checkValues(targets.shape, outputShape);
    checkPositions(targets, outputShape);
    checkClasses(this.name, targets.classes, outputShape);
  },
} satisfies LossSpec;

const sigmoidCrossEntropy = {
  name: 'sigmoid-cross-entropy',
  summary: 'Binary cross-entropy of every logit against 0, 1 or a probability.',
  options: noOptions,
  logits: 'sigmoid',
  check(targets, outputShape) {
    if (targets.kind === 'values') return checkValues(targets.shape, outputShape);
    checkPositions(targets, outputShape);
    if (lastOf(outputShape) !== 1) checkClasses(this.name, targets.classes, outputShape);
    if (targets.classes > 2 && lastOf(outputShape) === 1) {
      mismatch(
        `the dataset has ${targets.classes} classes, one sigmoid unit tells two apart: give the last layer ${targets.classes} units`,
      );
    }
  },
} satisfies LossSpec;

const meanSquaredError = {
  name: 'mean-squared-error',
  summary: 'Mean over all elements of the squared difference.',
  options: noOptions,
  logits: null,
  check(targets, outputShape) {
    checkElementwise(this.name, targets, outputShape);
  },
} satisfies LossSpec;

const huber = {
  name: 'huber',
  summary: 'Squared near zero, linear beyond delta: a mean squared error that outliers do not rule.',
  options: huberOptions,
  logits: null,
  check(targets, outputShape) {
    checkElementwise(this.name, targets, outputShape);
  },
} satisfies LossSpec;

/** Every loss by name, without TensorFlow. */
export const lossSpecs = {
  'softmax-cross-entropy': softmaxCrossEntropy,
  'sigmoid-cross-entropy': sigmoidCrossEntropy,
  'mean-squared-error': meanSquaredError,
  huber,
} as const satisfies Record<string, LossSpec>;

export type LossName = keyof typeof lossSpecs;

/** Options of a loss with their defaults. Throws OPTION_INVALID with pointers below /options. */
export const completeLossOptions = ({ name, options }: LossSpec, given: unknown = {}): Static<TObject> =>
  completeOptions(options, given, { owner: name, pointer: '/options' });
