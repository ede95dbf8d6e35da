/** The loss of a specification against the model's outputs and the data's targets, without TensorFlow. */
import type { OneTargetKind, TargetKind } from '../../batch.ts';
import type { JobSpec, OneLossSpec } from '../../contract/job-spec.ts';
import { inferLoss } from '../../engine/losses/infer-loss.ts';
import type { OutputLoss, RunLoss } from '../../engine/losses/run-loss.ts';
import { completeLossOptions, type LossName, lossSpecs } from '../../engine/losses/specs.ts';
import { AppError } from '../../errors.ts';
import { outputNames } from '../../topology/structure/choose-output.ts';
import { type Head, type SplitTopology, splitHeads } from '../../topology/structure/head.ts';
import type { Shape, Topology } from '../../topology/topology.ts';

export interface ChosenLoss {
  /** Null where only the data would decide. */
  readonly loss: RunLoss | null;
  /** In words for people. */
  readonly reason: string;
  /** The model with logits as outputs. */
  readonly split: SplitTopology;
}

export type LossWish = Pick<JobSpec, 'loss' | 'lossWeights'>;

interface OneOutput {
  readonly head: Head;
  readonly shape: Shape;
}

interface OneChosen {
  readonly name: LossName;
  readonly options: Readonly<Record<string, unknown>>;
  readonly reason: string;
}

function chooseOne(
  wish: OneLossSpec | undefined,
  { head, shape }: OneOutput,
  targets: OneTargetKind | null,
): OneChosen | null {
  if (wish === undefined) {
    if (targets === null) return null;
    const { name, reason } = inferLoss(head, targets, shape);
    return { name, options: completeLossOptions(lossSpecs[name]), reason: `inferred: ${reason}` };
  }
  const { name, options = {} } = typeof wish === 'string' ? { name: wish } : wish;
  const loss = lossSpecs[name as LossName];
  const complete = completeLossOptions(loss, options);
  if (targets !== null) loss.check(targets, shape);
  return { name: name as LossName, options: complete, reason: 'as given' };
}

const malformed = (message: string) => new AppError('MODEL_MALFORMED', message);

function invalid(pointer: string, message: string): never {
  throw new AppError('INVALID_INPUT', `${pointer} ${message}`, { problems: [{ pointer, message }] });
}

/** A mask says which of the positions count over which a loss takes its mean: it has no more axes than those. */
function checkMasks({ outputs, outputMasks = [], nodes }: Topology, names: readonly string[]): void {
  outputs.forEach((id, index) => {
    const mask = nodes[outputMasks[index] ?? -1]?.shape;
    const shape = nodes[id]?.shape ?? [];
    if (mask && mask.length > shape.length - 1)
      throw malformed(
        `the output "${names[index]}" of shape [${shape}] is masked by steps [${mask}], of which it has none: the loss cannot leave steps out`,
      );
  });
}

function outputsOf({ topology, heads }: SplitTopology): OneOutput[] {
  return topology.outputs.map((id, index) => ({
    head: heads[index] ?? 'linear',
    shape: topology.nodes[id]?.shape ?? [],
  }));
}

/** Of a model with one output. */
function chooseSingle(
  { loss: wish, lossWeights }: LossWish,
  split: SplitTopology,
  targets: TargetKind | null,
): ChosenLoss {
  if (targets?.kind === 'several')
    throw new AppError(
      'DATASET_SHAPE_MISMATCH',
      `the dataset has targets of ${targets.parts.length} outputs, the loss is of one: give the option target without the outer list, or leave out output`,
    );
  const list = Array.isArray(wish) ? wish : [wish];
  if (list.length !== 1) invalid('/loss', `lists ${list.length} losses, the model has one output`);
  if (lossWeights !== undefined) invalid('/lossWeights', 'is for models with several outputs');
  const [output] = outputsOf(split);
  const chosen = output ? chooseOne(list[0], output, targets) : null;
  return {
    loss: chosen && { name: chosen.name, options: chosen.options },
    reason: `${chosen?.reason ?? ''}${split.topology.outputMasks ? '; masked steps are left out' : ''}`,
    split,
  };
}

/**
 * The loss as given, or the one that the model and the targets ask for: of a model with several outputs one for each.
 *
 * @param targets null: not known
 * @throws OPTION_INVALID, INVALID_INPUT, DATASET_SHAPE_MISMATCH, DATASET_INVALID, MODEL_MALFORMED
 */
export function chooseLoss(wish: LossWish, single: SplitTopology, targets: TargetKind | null): ChosenLoss {
  const names = outputNames(single.topology);
  checkMasks(single.topology, names);
  if (names.length === 1) return chooseSingle(wish, single, targets);
  const isList = Array.isArray(wish.loss);
  if (targets === null ? !isList : targets.kind !== 'several')
    throw malformed(
      `a loss needs one output, this model has ${names.length} (${names.join(', ')}): name the one that the targets belong to in output, or give targets for each by the dataset option target, for example [["a"], ["b"]], and a loss for each`,
    );
  const parts = targets?.kind === 'several' ? targets.parts : null;
  const losses = isList
    ? (wish.loss as OneLossSpec[])
    : wish.loss === undefined
      ? null
      : names.map(() => wish.loss as OneLossSpec);
  for (const [pointer, list] of [
    ['/loss', losses],
    ['/lossWeights', wish.lossWeights],
    ['/dataset/options/target', parts],
  ] as const)
    if (list && list.length !== names.length)
      invalid(pointer, `has ${list.length} entries, the model has ${names.length} outputs (${names.join(', ')})`);
  const split = splitHeads(single.topology);
  const chosen = outputsOf(split).map((output, index) => chooseOne(losses?.[index], output, parts?.[index] ?? null));
  const weights = names.map((_, index) => wish.lossWeights?.[index] ?? 1);
  if (weights.every((weight) => weight === 0)) invalid('/lossWeights', 'are all 0');
  const reason = chosen
    .map((one, index) => `${names[index]}: ${weights[index]} x ${one?.name} (${one?.reason})`)
    .join('; ');
  const complete = chosen.flatMap((one, index): OutputLoss[] => {
    const own = parts?.[index];
    return one && own ? [{ name: one.name, options: one.options, weight: weights[index] ?? 1, targets: own }] : [];
  });
  return { loss: complete.length === names.length ? { name: 'several', parts: complete } : null, reason, split };
}
