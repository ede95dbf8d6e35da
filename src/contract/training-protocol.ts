/**
 * The training protocol of a comparison: every network is trained in the same way, so that only the initialisation differs.
 *
 * Defaults are the published protocol of GradInit (Zhu et al., NeurIPS 2021): SGD with momentum 0.9, learning rate 0.1 at batch size 128 and
 * proportional to the batch size, cosine decay to zero at every iteration, weight decay 1e-4 by parameter groups, 200 epochs; clipping, warm-up and
 * augmentation are off.
 */
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const Augmentation = Type.Object(
  {
    crop: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: 'Zero pixels added on every side before a random crop of the original size; published: 4.',
      }),
    ),
    flip: Type.Optional(Type.Boolean({ description: 'Mirrors left and right with probability 1/2.' })),
    cutout: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 512,
        description: 'Side of a square set to zero, its centre uniform, cut at the borders; published: 16.',
      }),
    ),
  },
  { ...strict, description: 'Seeded transforms of the training images, [height, width, channels]. Off when left out.' },
);
export type Augmentation = Static<typeof Augmentation>;

export const TrainingProtocol = Type.Object(
  {
    epochs: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 200,
      description: 'Passes over the training samples.',
    }),
    stopAfterEpochs: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description:
          'Ends the training after so many epochs, on the schedule of all of them: the accuracy after the first of 200 epochs costs one. Default: epochs.',
      }),
    ),
    evaluations: Type.Integer({
      minimum: 1,
      maximum: 20,
      default: 1,
      description:
        'Test evaluations near the end of every epoch, 10 steps apart, the last one at its end: their mean is less noisy than the last alone at a high rate.',
    }),
    batchSize: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 128,
      description: 'Samples of a step; the last step of an epoch may have fewer.',
    }),
    optimizer: Type.Enum(['sgd', 'adam'], {
      default: 'sgd',
      description: 'SGD with momentum (not Nesterov), or Adam.',
    }),
    learningRate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Default: 0.1 batchSize / 128 for sgd, 0.001 for adam.' }),
    ),
    momentum: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Of sgd.' }),
    beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Of adam.' }),
    beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.999, description: 'Of adam.' }),
    schedule: Type.Enum(['cosine', 'constant'], {
      default: 'cosine',
      description: 'cosine: to zero over all steps, changed every step.',
    }),
    warmupEpochs: Type.Number({
      minimum: 0,
      maximum: 10_000,
      default: 0,
      description: 'The rate rises linearly from 0 over the steps of these epochs; fractions are allowed.',
    }),
    weightDecay: Type.Number({
      minimum: 0,
      default: 1e-4,
      description: 'Coefficient of the L2 penalty added to the gradient.',
    }),
    weightDecayGroups: Type.Enum(['published', 'all', 'weights'], {
      default: 'published',
      description:
        'published: all but normalisation layers; in residual networks without normalisation all, and biases learn at a tenth of the rate. all: every parameter. weights: no bias and no normalisation.',
    }),
    gradientClip: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      default: null,
      description:
        'Largest global norm of the gradient; null: no clipping. Published: 1 for VGG-19 and ResNet-110 without batch normalisation.',
    }),
    augmentation: Type.Optional(Augmentation),
  },
  { ...strict, description: 'Trains the network after it was initialised and reports how well that went.' },
);
export type TrainingProtocol = Static<typeof TrainingProtocol>;

/** The base learning rate: the given one, or the published one for the optimizer and the batch size. */
export const baseLearningRate = ({ learningRate, optimizer, batchSize }: TrainingProtocol): number =>
  learningRate ?? (optimizer === 'sgd' ? (0.1 * batchSize) / 128 : 1e-3);

/** The number of epochs that are run: all epochs of the schedule, or the first `stopAfterEpochs`. */
export const epochsRun = ({ epochs, stopAfterEpochs }: Pick<TrainingProtocol, 'epochs' | 'stopAfterEpochs'>): number =>
  Math.min(epochs, stopAfterEpochs ?? epochs);
