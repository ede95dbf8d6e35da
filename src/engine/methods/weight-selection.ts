/**
 * Weight selection: a small network starts with a subset of the trained weights of a larger one of its family.
 *
 *   theta[i, j, ...] = source[floor(i m1 / n1), floor(j m2 / n2), ...]      n the extents of the parameter, m those of the source's, n <= m
 *
 * Elements are taken at equal distances along every axis, so that the channels kept of one layer are the channels read by the next one, also through
 * flattened features, heads and gates. Layers correspond by name, or by order within their class (the first ones of the source are taken); the last
 * layers correspond to each other. Moving statistics are selected like all other tensors.
 *
 * Xu, Chen, Vishniakov, Yin, Shen, Darrell, Liu, Liu: Initializing Models with Larger Ones. ICLR 2024, arXiv:2311.18823 (section 3, uniform selection).
 */
import { Type } from 'typebox';
import { AppError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import { type LayerMatching, matchLayers } from '../../topology/growth/match-layers.ts';
import { take } from '../../topology/growth/take.ts';
import type { Layer, Topology } from '../../topology/topology.ts';
import { betweenIterations } from '../run.ts';
import { defineMethod } from './method.ts';
import { hasTrainableParameter, sourceOf } from './requirements.ts';
import { layerMatching } from './source-options.ts';

const options = Type.Object(
  {
    match: layerMatching,
  },
  { additionalProperties: false },
);

/** A parameter and the tensor of the source from which it is taken. */
interface Taken {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: string;
}

/** @throws METHOD_NOT_APPLICABLE naming every parameter without a counterpart that is at least as large */
function plan(target: Topology, source: Topology, match: LayerMatching): Taken[] {
  const layers = matchLayers(target, source, match);
  const problems: string[] = [];
  const taken = target.layers.flatMap((layer) =>
    layer.params.flatMap((param) => {
      const counterpart = layers.get(layer.name)?.params.find(({ key }) => key === param.key);
      const fits =
        counterpart?.shape.length === param.shape.length &&
        param.shape.every((extent, axis) => extent <= (counterpart.shape[axis] ?? 0));
      if (counterpart && fits) return [{ name: param.name, shape: param.shape, from: counterpart.name }];
      problems.push(`${param.name} [${param.shape}] ${reason(layer, layers, counterpart?.shape)}`);
      return [];
    }),
  );
  if (problems.length === 0) return taken;
  const more = problems.length > 10 ? `; and ${problems.length - 10} more` : '';
  throw new AppError(
    'METHOD_NOT_APPLICABLE',
    `weight-selection takes every parameter from one of the source that is as large or larger: ${problems.slice(0, 10).join('; ')}${more}. net2net grows networks`,
  );
}

function reason(layer: Layer, layers: ReadonlyMap<string, Layer>, shape: readonly number[] | undefined): string {
  if (shape) return `is larger than its counterpart [${shape}]`;
  const other = layers.get(layer.name);
  return other ? `has no counterpart in layer "${other.name}"` : `has no layer that corresponds to "${layer.name}"`;
}

const evenly = (extent: number, of: number) =>
  Int32Array.from({ length: extent }, (_, position) => Math.floor((position * of) / extent));

export const weightSelection = defineMethod({
  name: 'weight-selection',
  summary: 'Weights selected evenly from those of a larger network of the same family (`source`).',
  reference: 'Xu et al., Initializing Models with Larger Ones, ICLR 2024, arXiv:2311.18823',
  options,
  needsSamples: () => false,
  needsSource: true,
  iterative: false,
  refusesGraphs: 'finds',
  secondOrder: false,
  applicability: hasTrainableParameter,
  checkSource(target, source, { match }) {
    plan(target, source, match);
  },
  async run(problem, { match }, { signal }) {
    const source = sourceOf(problem, 'weight-selection');
    const weights = new Map(problem.weights);
    const taken = plan(problem.topology, source.topology, match);
    for (const { name, shape, from } of taken) {
      await betweenIterations(signal);
      const tensor = source.weights.get(from) as NDArray<'float32'>;
      const takes = shape.map((extent, axis) => ({ index: evenly(extent, tensor.shape[axis] as number) }));
      weights.set(name, take(tensor, takes));
    }
    return { weights, findings: { takenFrom: Object.fromEntries(taken.map(({ name, from }) => [name, from])) } };
  },
});
