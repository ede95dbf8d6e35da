/** The loss of a specification against the model's output and the data's targets, without TensorFlow. */
import { Value } from 'typebox/value';
import type { TargetKind } from '../../batch.ts';
import type { JobSpec } from '../../contract/job-spec.ts';
import { inferLoss } from '../../engine/losses/infer-loss.ts';
import { type LossName, lossSpecs } from '../../engine/losses/specs.ts';
import { AppError } from '../../errors.ts';
import { schemaProblems } from '../../schema-problems.ts';
import type { SplitTopology } from '../../topology/structure/head.ts';

export interface ExaminedLoss {
  readonly name: LossName;
  /** In words for people. */
  readonly reason: string;
}

/** Null where only the data would tell. Throws OPTION_INVALID, DATASET_SHAPE_MISMATCH, DATASET_INVALID, MODEL_MALFORMED. */
export function examineLoss(
  spec: JobSpec['loss'],
  { topology, head }: SplitTopology,
  targets: TargetKind | null,
): ExaminedLoss | null {
  const [output, ...others] = topology.outputs;
  const shape = output === undefined ? undefined : topology.nodes[output]?.shape;
  if (shape === undefined || others.length > 0)
    throw new AppError(
      'MODEL_MALFORMED',
      `a loss needs a model with exactly one output, this one has ${topology.outputs.length}`,
    );
  if (spec === undefined) return targets === null ? null : inferLoss(head, targets, shape);
  const { name, options = {} } = typeof spec === 'string' ? { name: spec } : spec;
  checkOptions(name as LossName, options);
  if (targets !== null) lossSpecs[name as LossName].check(targets, shape);
  return { name: name as LossName, reason: 'as given' };
}

function checkOptions(name: LossName, options: Readonly<Record<string, unknown>>): void {
  const schema = lossSpecs[name].options;
  const complete: unknown = Value.Default(schema, { ...options });
  if (Value.Check(schema, complete)) return;
  const errors = schemaProblems(schema, complete).map(({ pointer, message }) => ({
    pointer: `/options${pointer}`,
    message,
  }));
  const text = errors.map(({ pointer, message }) => `${pointer.slice(1)} ${message}`).join('; ');
  throw new AppError('OPTION_INVALID', `${name}: ${text}`, { details: { errors } });
}
