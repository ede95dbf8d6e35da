/** A network around one layer: trained layers before its inputs and a trained layer after it, so that second derivatives pass through it. */
import type { SampleSource } from '../../src/batch.ts';
import type { LossName } from '../../src/engine/losses/specs.ts';
import type { Problem } from '../../src/engine/run.ts';
import type { JsonObject } from '../../src/json.ts';
import { parseModel } from '../../src/models/index.ts';
import { type NDArray, ndarray, sizeOf } from '../../src/ndarray.ts';
import { createRandom } from '../../src/random.ts';
import { initialWeights } from '../../src/topology/draw-initial.ts';
import type { LayerSample } from './layer-samples.ts';

const classes = 3;
const size = 8;

const entry = (class_name: string, name: string, config: JsonObject, inputs: readonly string[]): JsonObject => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
});

/** True for classes whose inputs are token ids. */
const takesIds = (className: string) => className === 'Embedding';

/** The topology as tfjs writes it: inputs -> dense (not for ids) -> the layer -> flatten -> `units` logits. */
function topologyAround(className: string, { config, inputs }: LayerSample, units: number): JsonObject {
  const ids = takesIds(className);
  const before = inputs.flatMap((shape, index) => [
    entry('InputLayer', `x${index}`, { batch_input_shape: [null, ...shape], dtype: ids ? 'int32' : 'float32' }, []),
    ...(ids ? [] : [entry('Dense', `before${index}`, { units: shape.at(-1) ?? 1 }, [`x${index}`])]),
  ]);
  const feeding = inputs.map((_, index) => (ids ? `x${index}` : `before${index}`));
  const isInput = className === 'InputLayer';
  return {
    class_name: 'Model',
    config: {
      name: 'around',
      layers: [
        ...before,
        ...(isInput ? [] : [entry(className, 'layer', config, feeding)]),
        entry('Flatten', 'flat', {}, isInput ? feeding : ['layer']),
        entry('Dense', 'head', { units }, ['flat']),
      ],
      input_layers: inputs.map((_, index) => [`x${index}`, 0, 0]),
      output_layers: [['head', 0, 0]],
    },
  };
}

function drawnSamples(shapes: readonly (readonly number[])[], ids: boolean, units: number): SampleSource {
  const random = createRandom(7, 'layer network');
  const draw = (shape: readonly number[]): NDArray<'float32' | 'int32'> => {
    const count = size * sizeOf(shape);
    return ids
      ? ndarray(
          'int32',
          [size, ...shape],
          Int32Array.from({ length: count }, () => Math.floor(7 * random.uniform())),
        )
      : ndarray(
          'float32',
          [size, ...shape],
          Float32Array.from({ length: count }, () => random.normal()),
        );
  };
  const inputs = shapes.map(draw);
  const targets = ndarray(
    'float32',
    [size, units],
    Float32Array.from({ length: size * units }, (_, index) =>
      index % units === Math.floor(index / units) % units ? 1 : 0,
    ),
  );
  const rows = <T extends NDArray<'float32' | 'int32'>>({ dtype, shape, data }: T, indices: ArrayLike<number>) => {
    const width = sizeOf(shape.slice(1));
    const gathered = data.slice(0, indices.length * width);
    for (let to = 0; to < indices.length; to += 1) {
      const from = indices[to] as number;
      gathered.set(data.subarray(from * width, (from + 1) * width), to * width);
    }
    return ndarray(dtype, [indices.length, ...shape.slice(1)], gathered);
  };
  return {
    size,
    inputShapes: shapes,
    inputDtypes: shapes.map(() => (ids ? 'int32' : 'float32')),
    targets: { kind: 'values', shape: [units] },
    gather: (indices) => ({
      inputs: inputs.map((input) => rows(input, indices)),
      targets: rows(targets, indices),
    }),
  };
}

/** The layer's network as a problem of the engine, on eight samples. */
export function networkAround(
  className: string,
  sample: LayerSample,
  loss: LossName = 'softmax-cross-entropy',
  options: Readonly<Record<string, unknown>> = {},
): Problem {
  const topology = parseModel({ topology: topologyAround(className, sample, classes) }).topology;
  return {
    topology,
    weights: initialWeights(topology, 3),
    samples: drawnSamples(sample.inputs, takesIds(className), classes),
    loss: { name: loss, options },
    seed: 0,
  };
}
