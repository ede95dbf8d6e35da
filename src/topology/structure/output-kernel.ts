/** Finds the kernels that compute a layer's output, and removes the activation after them. */
import { type ActivationRef, activationLabel } from '../activations.ts';
import type { TimeDistributedConfig } from '../layers/time-distributed.ts';
import type { Layer, Param } from '../topology.ts';

const recurrentClasses: ReadonlySet<string> = new Set(['SimpleRNN', 'GRU', 'LSTM', 'Bidirectional']);
/** Classes whose activation is applied to their output; in recurrent layers it is inside the recurrence. */
const outputActivation = /^((Einsum)?Dense|(Depthwise|Separable)?Conv\dD(Transpose)?)$/;

const linearClasses = /^(Dense|(Depthwise|Separable)?Conv\dD(Transpose)?)$/;

/** Class and configuration of the wrapped layer, or of the layer itself where it is not a wrapper. */
export function unwrapped({
  className,
  config,
}: Pick<Layer, 'className' | 'config'>): Pick<Layer, 'className' | 'config'> {
  return className === 'TimeDistributed' ? unwrapped(config as TimeDistributedConfig) : { className, config };
}

/** True for dense layers and convolutions, in which every output channel has its own part of the kernel. */
export function isLinear(layer: Pick<Layer, 'className' | 'config'>): boolean {
  return linearClasses.test(unwrapped(layer).className);
}

export function isRecurrent(layer: Layer): boolean {
  return recurrentClasses.has(unwrapped(layer).className);
}

/** True for a trained tensor that multiplies features: dense, convolution, recurrent and projection kernels, but not embeddings, gains or slopes. */
export function isKernel({ key, group, shape }: Pick<Param, 'group' | 'shape' | 'key'>): boolean {
  return group !== 'none' && shape.length >= 2 && key.endsWith('kernel');
}

/**
 * The trained kernels that determine the output: the only kernel of most layers, the last one of separable convolutions and attention, the input
 * kernels of recurrent layers. Empty where there is none.
 */
export function outputKernels({ params }: Pick<Layer, 'params'>): Param[] {
  const kernels = params.filter(isKernel);
  const last = kernels.filter(({ key }) => /(^|\/)pointwise_kernel$|(^|\/)attention_output\/kernel$/.test(key));
  return last.length > 0 ? last : kernels.filter(({ key }) => !key.endsWith('recurrent_kernel'));
}

/** The name of the activation that a layer applies to its output; 'linear' where it has none. */
export function activationOf(layer: Pick<Layer, 'className' | 'config'>): string {
  const { className, config } = unwrapped(layer);
  if (className === 'Softmax') return 'softmax';
  const applies = className === 'Activation' || outputActivation.test(className);
  return applies ? activationLabel((config as { activation?: ActivationRef }).activation ?? 'linear') : 'linear';
}

/** The layer with a linear output. */
export function withoutActivation<L extends Pick<Layer, 'className' | 'config'>>(layer: L): L {
  if (activationOf(layer) === 'linear') return layer;
  if (layer.className !== 'TimeDistributed')
    return { ...layer, config: { ...(layer.config as object), activation: 'linear' } };
  const wrapper = layer.config as TimeDistributedConfig;
  return { ...layer, config: { ...wrapper, config: withoutActivation(wrapper).config } };
}
