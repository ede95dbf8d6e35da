/**
 * The two extra-epoch methods of the comparison: one pass over the data by an ordinary optimizer before the training.
 *
 *   w_0 -> one epoch of SGD or Adam, rate base (constant) or base (i + 1) / N (warm-up) -> the result, moving statistics as trained
 *
 * GradInit uses one epoch of data, so that its published comparison gives Kaiming one extra epoch too. Defaults: SGD with momentum 0.9, rate 0.1,
 * weight decay 1e-4 (none for gains and offsets of normalisation layers), batches of 128, as the published training protocol; Adam starts at 1e-3.
 */
import { type Static, Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { betweenIterations, type MethodResult, type Problem, type RunControl } from '../run.ts';
import type { Schedule } from '../training/schedules.ts';
import type { TrainerState } from '../training/trainer.ts';
import { kaiming } from './kaiming.ts';
import { defineMethod } from './method.ts';
import { dataOf, hasTrainableParameter } from './requirements.ts';

const options = Type.Object(
  {
    start: Type.Union([Type.Literal('kaiming'), Type.Literal('given')], {
      default: 'kaiming',
      description: 'Weights to train from: drawn by the method kaiming with its defaults, or those of the job.',
    }),
    optimizer: Type.Union([Type.Literal('sgd'), Type.Literal('adam')], { default: 'sgd', description: 'What trains.' }),
    epochs: Type.Integer({ minimum: 1, maximum: 1000, default: 1, description: 'Passes over the samples.' }),
    batchSize: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 128, description: 'Samples of a step.' }),
    learningRate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'The constant rate, or the one that warm-up ends in. Default: 0.1 (sgd), 1e-3 (adam).',
      }),
    ),
    momentum: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: 'sgd only: decay of the velocity.',
    }),
    weightDecay: Type.Number({
      minimum: 0,
      default: 1e-4,
      description: 'Of everything but the gains and offsets of normalisation layers.',
    }),
    clip: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      default: null,
      description:
        'Bound on the global gradient norm; null: none. The published runs clip networks without batch normalisation at 1.',
    }),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

interface SavedTraining {
  readonly method: string;
  readonly trainer: TrainerState;
}

function readSaved(resume: unknown, method: string): TrainerState | null {
  if (resume === null || resume === undefined) return null;
  const saved = resume as SavedTraining;
  if (saved.method === method && saved.trainer) return saved.trainer;
  throw new AppError('CHECKPOINT_MISMATCH', `the saved state is not one of this ${method} run`);
}

async function startWeights(problem: Problem, { start }: Options, control: RunControl) {
  if (start === 'given') return problem.weights;
  const { weights } = await kaiming.run(problem, { distribution: 'normal', mode: 'fanOut', gain: Math.SQRT2 }, control);
  return weights;
}

/** The trainer of a run, restored from its checkpoint. TensorFlow is loaded here, not when the module is imported. */
async function createRun(method: string, problem: Problem, given: Options, control: RunControl, warmUp: boolean) {
  const [{ createTrainer }, { normalizationUndecayed }] = await Promise.all([
    import('../training/trainer.ts'),
    import('../training/param-groups.ts'),
  ]);
  const { samples, loss } = dataOf(problem, method);
  const total = given.epochs * Math.ceil(samples.size / given.batchSize);
  const learningRate = given.learningRate ?? (given.optimizer === 'sgd' ? 0.1 : 1e-3);
  const schedule: Schedule = warmUp ? { kind: 'warm-up', iterations: total } : { kind: 'constant' };
  const trainer = createTrainer({
    topology: problem.topology,
    weights: await startWeights(problem, given, control),
    samples,
    loss,
    optimizer: given.optimizer === 'sgd' ? { name: 'sgd', options: { momentum: given.momentum } } : { name: 'adam' },
    learningRate,
    schedule,
    batchSize: given.batchSize,
    clip: given.clip,
    groups: normalizationUndecayed(given.weightDecay),
    seed: problem.seed,
    execution: control.execution,
  });
  return { trainer, total, learningRate };
}

async function run(
  method: string,
  problem: Problem,
  given: Options,
  control: RunControl,
  warmUp: boolean,
): Promise<MethodResult> {
  const saved = readSaved(control.resume, method);
  const { trainer, total, learningRate } = await createRun(method, problem, given, control, warmUp);
  try {
    if (saved) trainer.restore(saved);
    while (trainer.iteration() < total && !control.enough.aborted) {
      await betweenIterations(control.signal);
      const start = performance.now();
      const { iteration, loss, gradientNorm } = trainer.step();
      const seconds = (performance.now() - start) / 1000;
      control.onIteration({
        iteration,
        iterations: total,
        branch: 'training',
        loss,
        gradientNorm,
        objective: loss,
        seconds,
      });
      control.saveState((): SavedTraining => ({ method, trainer: trainer.state() }));
    }
    return {
      weights: trainer.weights(),
      findings: { steps: total, learningRate, schedule: warmUp ? 'warm-up' : 'constant' },
    };
  } finally {
    trainer.dispose();
  }
}

/** Defines one of the two methods. */
export function defineExtraEpoch(name: string, summary: string, warmUp: boolean) {
  return defineMethod({
    name,
    summary,
    reference:
      'Rows of the comparison of Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098; start: He et al., ICCV 2015, arXiv:1502.01852',
    options,
    needsSamples: () => true,
    protocolOptions: ['optimizer', 'batchSize', 'momentum', 'weightDecay', 'clip', 'learningRate'],
    iterative: true,
    secondOrder: false,
    applicability: hasTrainableParameter,
    run: (problem, given, control) => run(name, problem, given, control, warmUp),
  });
}
