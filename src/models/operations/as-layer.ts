/** Operations that compute the same as a stock layer are read as that layer, which tfjs and structure-aware methods know. */
import type { JsonObject } from '../../json.ts';
import type { Bound } from './bind.ts';

export interface LayerForm {
  readonly className: string;
  readonly config: JsonObject;
}

/** An operation with its operands and attributes, and the ranks of its tensors. */
export interface Applied extends Bound {
  /** Rank of every tensor, batch axis included, as stated in the topology; undefined where it is not stated. */
  readonly ranks: readonly (number | undefined)[];
}

const activation = (name: string) => (): LayerForm => ({ className: 'Activation', config: { activation: name } });

const onlyTensors = ({ operands, inputs }: Bound) => operands.length === inputs.length;

/** A merging layer, for tensors of equal rank only: for smaller ranks a layer inserts axes after the batch axis, and an operation before all axes. */
const merge =
  (className: string) =>
  (applied: Applied): LayerForm | undefined => {
    const [a, b] = applied.ranks;
    const same = onlyTensors(applied) && applied.inputs.length === 2 && a !== undefined && a === b;
    return same ? { className, config: {} } : undefined;
  };

/** The activation, when the operation's parameters have the activation's values. */
const unless =
  (name: string, key: string, usual: number) =>
  ({ attributes }: Applied): LayerForm | undefined => {
    if ((attributes[key] ?? usual) !== usual) return undefined;
    const { [key]: _, ...rest } = attributes;
    return { className: 'Activation', config: { activation: name, ...rest } };
  };

const withAttributes =
  (className: string) =>
  ({ attributes }: Applied): LayerForm => ({ className, config: attributes });

/** The default of Keras is the tanh approximation. */
function gelu({ attributes }: Applied): LayerForm {
  const { approximate = true, ...rest } = attributes;
  return { className: 'Activation', config: { activation: approximate === false ? 'gelu' : 'gelu_new', ...rest } };
}

function concatenate(applied: Applied): LayerForm | undefined {
  const { axis = -1 } = applied.attributes;
  return onlyTensors(applied) && applied.inputs.length > 1 && axis !== 0
    ? { className: 'Concatenate', config: { axis } }
    : undefined;
}

function transpose({ attributes: { axes } }: Applied): LayerForm | undefined {
  if (
    !Array.isArray(axes) ||
    axes[0] !== 0 ||
    axes.length < 2 ||
    !axes.every((axis) => typeof axis === 'number' && axis >= 0)
  )
    return undefined;
  return { className: 'Permute', config: { dims: axes.slice(1) } };
}

/** The layer of each operation, by name. Where the result is undefined, the operation is kept. */
export const layerForms: ReadonlyMap<string, (applied: Applied) => LayerForm | undefined> = new Map(
  Object.entries({
    add: merge('Add'),
    subtract: merge('Subtract'),
    multiply: merge('Multiply'),
    maximum: merge('Maximum'),
    minimum: merge('Minimum'),
    concatenate,
    transpose,
    relu: withAttributes('ReLU'),
    relu6: activation('relu6'),
    leaky_relu: ({ attributes }) => ({ className: 'LeakyReLU', config: { negative_slope: 0.2, ...attributes } }),
    elu: ({ attributes }) => ({ className: 'ELU', config: attributes }),
    selu: activation('selu'),
    gelu,
    celu: unless('celu', 'alpha', 1),
    silu: activation('swish'),
    mish: activation('mish'),
    sigmoid: activation('sigmoid'),
    log_sigmoid: activation('log_sigmoid'),
    hard_sigmoid: activation('hard_sigmoid_keras3'),
    hard_silu: activation('hard_swish'),
    hard_tanh: activation('hard_tanh'),
    tanh: activation('tanh'),
    tanh_shrink: activation('tanh_shrink'),
    softplus: activation('softplus'),
    softsign: activation('softsign'),
    squareplus: unless('squareplus', 'b', 4),
    hard_shrink: unless('hard_shrink', 'threshold', 0.5),
    soft_shrink: unless('soft_shrink', 'threshold', 0.5),
    sparse_plus: activation('sparse_plus'),
    sparse_sigmoid: activation('sparse_sigmoid'),
    sparsemax: ({ attributes }) => ({
      className: 'Activation',
      config: { activation: 'sparsemax', ...(attributes.axis === -1 ? {} : attributes) },
    }),
    exp: activation('exponential'),
    softmax: withAttributes('Softmax'),
    log_softmax: unless('log_softmax', 'axis', -1),
    glu: unless('glu', 'axis', -1),
  } satisfies Record<string, (applied: Applied) => LayerForm | undefined>),
);
