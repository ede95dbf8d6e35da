/** The network that a method takes weights from, against the network that it initialises. */
import { type DescribedWeights, weightsProblem } from '../../artifacts/check-weights.ts';
import type { ConfiguredMethod } from '../../engine/methods/index.ts';
import { AppError } from '../../errors.ts';
import type { ParsedModel } from '../../models/index.ts';
import { type SplitTopology, splitHead } from '../../topology/structure/head.ts';

export interface DescribedSource {
  readonly model: ParsedModel;
  /** Null where neither the specification nor the file of the model has any. */
  readonly weights: DescribedWeights | null;
}

/** Where an error of a source has its place in the specification. */
export function sourcePointer({ code }: AppError): string {
  if (code === 'METHOD_NOT_APPLICABLE') return '/source';
  return code === 'WEIGHTS_MISMATCH' ? '/source/weights/ref' : '/source/model';
}

/** @throws WEIGHTS_MISMATCH, METHOD_NOT_APPLICABLE and what taking a head off throws */
export function checkSource(
  { method, options }: ConfiguredMethod,
  topology: SplitTopology['topology'],
  { model, weights }: DescribedSource,
): void {
  const source = splitHead(model.topology).topology;
  if (weights === null)
    throw new AppError('WEIGHTS_MISMATCH', 'source.weights is missing, and the file of its model holds none');
  const problem = weightsProblem(
    weights,
    source.layers.flatMap(({ params }) => params),
  );
  if (problem !== null) throw problem;
  method.checkSource?.(topology, source, options as never);
}
