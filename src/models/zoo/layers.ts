/** The stock layers of the zoo: each function adds one call to the graph and computes its output shape (channels last). */
import type { JsonObject } from '../../json.ts';
import type { Graph, Handle } from './graph.ts';
import { heNormal, ones, torchDefault, zeros } from './initializers.ts';

/** The extent of `axis`; negative axes count from the end. */
export function extent({ shape }: Handle, axis: number): number {
  const value = shape.at(axis);
  if (value === undefined) throw new RangeError(`shape [${shape}] has no axis ${axis}`);
  return value;
}

export interface ConvOptions {
  name: string;
  filters: number;
  /** Side of the square kernel, an odd number. */
  size: number;
  stride?: number;
  useBias: boolean;
  kernelInitializer?: JsonObject;
  biasInitializer?: JsonObject;
}

/**
 * A convolution padded by (size - 1) / 2 on every side; the kernel initialiser defaults to He with fan-out.
 *
 * At stride 2, padding 'same' pads even extents on one side only, but the published networks pad both sides, so that strided convolutions get a
 * separate padding layer.
 */
export function conv2d(graph: Graph, input: Handle, options: ConvOptions): Handle {
  const { name, filters, size, stride = 1, useBias } = options;
  const padded = stride > 1 && size > 1 ? padSpatially(graph, input, `${name}_pad`, (size - 1) / 2) : input;
  const config = {
    filters,
    kernel_size: [size, size],
    strides: [stride, stride],
    padding: stride > 1 ? 'valid' : 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    activation: 'linear',
    use_bias: useBias,
    kernel_initializer: options.kernelInitializer ?? heNormal(size * size * filters),
    bias_initializer: options.biasInitializer ?? zeros,
  };
  const [height, width] = [Math.ceil(extent(input, 0) / stride), Math.ceil(extent(input, 1) / stride)];
  return graph.call({ className: 'Conv2D', name, config, inputs: [padded], shape: [height, width, filters] });
}

function padSpatially(graph: Graph, input: Handle, name: string, by: number): Handle {
  const config = {
    padding: [
      [by, by],
      [by, by],
    ],
    data_format: 'channels_last',
  };
  const shape = [extent(input, 0) + 2 * by, extent(input, 1) + 2 * by, extent(input, 2)];
  return graph.call({ className: 'ZeroPadding2D', name, config, inputs: [input], shape });
}

/** `momentum` as defined by Keras: the weight of the old moving statistics. */
export function batchNorm(graph: Graph, input: Handle, name: string, momentum = 0.9): Handle {
  const config = {
    axis: -1,
    momentum,
    epsilon: 1e-5,
    center: true,
    scale: true,
    beta_initializer: zeros,
    gamma_initializer: ones,
    moving_mean_initializer: zeros,
    moving_variance_initializer: ones,
  };
  return graph.call({ className: 'BatchNormalization', name, config, inputs: [input], shape: input.shape });
}

export function activation(graph: Graph, input: Handle, name: string, kind: string): Handle {
  return graph.call({
    className: 'Activation',
    name,
    config: { activation: kind },
    inputs: [input],
    shape: input.shape,
  });
}

/** Square pooling windows of `size` every `stride` pixels; incomplete windows are dropped. */
export function pool2d(
  graph: Graph,
  input: Handle,
  { name, kind, size, stride }: { name: string; kind: 'Max' | 'Average'; size: number; stride: number },
): Handle {
  const config = { pool_size: [size, size], strides: [stride, stride], padding: 'valid', data_format: 'channels_last' };
  const across = (axis: number) => Math.floor((extent(input, axis) - size) / stride) + 1;
  const shape = [across(0), across(1), extent(input, 2)];
  return graph.call({ className: `${kind}Pooling2D`, name, config, inputs: [input], shape });
}

export function globalAveragePool(graph: Graph, input: Handle, name: string): Handle {
  const [className, config] =
    input.shape.length === 3
      ? (['GlobalAveragePooling2D', { data_format: 'channels_last' }] as const)
      : (['GlobalAveragePooling1D', {}] as const);
  return graph.call({ className, name, config, inputs: [input], shape: [extent(input, -1)] });
}

export function flatten(graph: Graph, input: Handle, name: string): Handle {
  const shape = [input.shape.reduce((product, size) => product * size, 1)];
  return graph.call({ className: 'Flatten', name, config: { data_format: 'channels_last' }, inputs: [input], shape });
}

export function reshape(graph: Graph, input: Handle, name: string, shape: readonly number[]): Handle {
  return graph.call({ className: 'Reshape', name, config: { target_shape: [...shape] }, inputs: [input], shape });
}

export interface DenseOptions {
  name: string;
  units: number;
  activation?: string;
  useBias?: boolean;
  kernelInitializer?: JsonObject;
  biasInitializer?: JsonObject;
}

/** A dense layer on the last axis; defaults are kernels U(-1/sqrt(fan in), 1/sqrt(fan in)) and zero biases. */
export function dense(graph: Graph, input: Handle, options: DenseOptions): Handle {
  const { name, units } = options;
  const config = {
    units,
    activation: options.activation ?? 'linear',
    use_bias: options.useBias ?? true,
    kernel_initializer: options.kernelInitializer ?? torchDefault(extent(input, -1)),
    bias_initializer: options.biasInitializer ?? zeros,
  };
  return graph.call({ className: 'Dense', name, config, inputs: [input], shape: [...input.shape.slice(0, -1), units] });
}

/** Merges tensors of equal shape elementwise. */
export function merge(graph: Graph, inputs: readonly [Handle, Handle], name: string, kind: 'Add' | 'Minimum'): Handle {
  return graph.call({ className: kind, name, inputs, shape: inputs[0].shape });
}

/** Concatenates along the last axis. */
export function concatenate(graph: Graph, inputs: readonly Handle[], name: string): Handle {
  const last = inputs.reduce((sum, input) => sum + extent(input, -1), 0);
  const shape = [...(inputs[0]?.shape.slice(0, -1) ?? []), last];
  return graph.call({ className: 'Concatenate', name, config: { axis: -1 }, inputs, shape });
}
