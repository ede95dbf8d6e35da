/** Which kernels a layer's output is made by, and the layer without the activation after them. */
import { type ActivationRef, activationLabel } from '../activations.ts';
import type { TimeDistributedConfig } from '../layers/time-distributed.ts';
import type { Layer, Param } from '../topology.ts';

const recurrentClasses: ReadonlySet<string> = new Set(['SimpleRNN', 'GRU', 'LSTM', 'Bidirectional']);
/** Classes with an activation that is applied to their output; that of a recurrent layer is inside the recurrence. */
const outputActivation = /^((Einsum)?Dense|(Depthwise|Separable)?Conv\dD(Transpose)?)$/;

const linearClasses = /^(Dense|(Depthwise|Separable)?Conv\dD(Transpose)?)$/;

/** The wrapped layer's class and configuration, the layer's own where nothing is wrapped. */
export function unwrapped({
  className,
  config,
}: Pick<Layer, 'className' | 'config'>): Pick<Layer, 'className' | 'config'> {
  return className === 'TimeDistributed' ? unwrapped(config as TimeDistributedConfig) : { className, config };
}

/** Dense layers and convolutions, which make every output channel by a share of the kernel of its own. */
export function isLinear(layer: Pick<Layer, 'className' | 'config'>): boolean {
  return linearClasses.test(unwrapped(layer).className);
}

export function isRecurrent(layer: Layer): boolean {
  return recurrentClasses.has(unwrapped(layer).className);
}

/** A trained tensor that multiplies features: dense, convolution, recurrent and projection kernels. Not embeddings, gains or slopes. */
export function isKernel({ key, group, shape }: Pick<Param, 'group' | 'shape' | 'key'>): boolean {
  return group !== 'none' && shape.length >= 2 && key.endsWith('kernel');
}

/**
 * The trained kernels without which the output is constant: the only one of most layers, the last one of separable convolutions and attention,
 * the input kernels of recurrent layers. Empty where there is none.
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

/** The same layer with a linear output. */
export function withoutActivation<L extends Pick<Layer, 'className' | 'config'>>(layer: L): L {
  if (activationOf(layer) === 'linear') return layer;
  if (layer.className !== 'TimeDistributed')
    return { ...layer, config: { ...(layer.config as object), activation: 'linear' } };
  const wrapper = layer.config as TimeDistributedConfig;
  return { ...layer, config: { ...wrapper, config: withoutActivation(wrapper).config } };
}
