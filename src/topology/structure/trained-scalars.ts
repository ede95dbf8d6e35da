/**
 * Trained scalars as stock layers: a number that is added to a tensor, or multiplied with it.
 *
 *   one = 0 mean(input) + 1;   s = Dense(1, no bias)(one), its kernel [1, 1] is the scalar;   Add [x, s], Multiply [x, s] broadcast over x
 *
 * Neither tfjs-layers nor Keras has a layer for a single trained number; a Dense layer of one unit with the constant input 1 is equivalent. The
 * constant is computed from an input of the model, whose values do not matter as long as they are finite.
 */
import { sizeOf } from '../../ndarray.ts';
import type { Node, Shape, Topology } from '../topology.ts';
import type { AddLayer } from './rewire.ts';

export interface TrainedScalars {
  /** x + s with s = 0 initially. The parameter is named `name`/kernel. */
  shift(x: number, name: string, add: AddLayer): number;
  /** x s with s = `initial` (default 1) initially. */
  multiply(x: number, name: string, add: AddLayer, initial?: number): number;
}

const isKnown = (shape: Shape): shape is readonly number[] => shape.every((extent) => extent !== null);

/** Poolings that remove the leading axes of an input, whatever their extents are, by its rank. */
const poolings: Readonly<Record<number, 'GlobalAveragePooling1D' | 'GlobalAveragePooling2D'>> = {
  2: 'GlobalAveragePooling1D',
  3: 'GlobalAveragePooling2D',
};

const isUsable = ({ shape }: Node): boolean =>
  shape.length > 0 && (isKnown(shape) || (shape.at(-1) !== null && shape.length in poolings));

/** An input of the model from which a constant can be computed. */
function constantSource({ inputs, nodes }: Topology): Node | undefined {
  return inputs.map((id) => nodes[id] as Node).find(isUsable);
}

/** True when `trainedScalars` supports a topology: one of its inputs must have known extents, or known features after at most two unknown axes. */
export function canHaveScalars(topology: Topology): boolean {
  return constantSource(topology) !== undefined;
}

function addOne({ shape }: Node, x: number, prefix: string, add: AddLayer): number {
  const zero = add({ className: 'Rescaling', name: `${prefix}_zero`, config: { scale: 0, offset: 0 } }, [x]);
  const pooling = isKnown(shape) ? undefined : poolings[shape.length];
  const features = pooling ? add({ className: pooling, name: `${prefix}_zero_features`, config: {} }, [zero]) : zero;
  const size = isKnown(shape) ? sizeOf(shape) : (shape.at(-1) as number);
  const column = add({ className: 'Reshape', name: `${prefix}_zero_column`, config: { target_shape: [size, 1] } }, [
    features,
  ]);
  const mean = add({ className: 'GlobalAveragePooling1D', name: `${prefix}_zero_mean`, config: {} }, [column]);
  return add({ className: 'Rescaling', name: `${prefix}_one`, config: { scale: 1, offset: 1 } }, [mean]);
}

/** `prefix` is the prefix of the names of the layers that compute the constant. `idOf` maps a node of `topology` to its node in the new graph. */
export function trainedScalars(topology: Topology, prefix: string): (idOf: (old: number) => number) => TrainedScalars {
  const source = constantSource(topology);
  let one: number | undefined;
  return (idOf) => {
    const scalar = (name: string, value: number, add: AddLayer): number => {
      if (one === undefined) one = addOne(source as Node, idOf((source as Node).id), prefix, add);
      const config = {
        units: 1,
        use_bias: false,
        activation: 'linear',
        kernel_initializer: { class_name: 'Constant', config: { value } },
      };
      return add({ className: 'Dense', name, config }, [one]);
    };
    return {
      shift: (x, name, add) => add({ className: 'Add', name: `${name}_add`, config: {} }, [x, scalar(name, 0, add)]),
      multiply: (x, name, add, initial = 1) =>
        add({ className: 'Multiply', name: `${name}_multiply`, config: {} }, [x, scalar(name, initial, add)]),
    };
  };
}
