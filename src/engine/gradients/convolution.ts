/**
 * Convolutions. A convolution is bilinear in input and filter, so its three kernels are each other's gradients to any order:
 *
 *   y  = conv(x, f)                dx = backInput(dy, f)       df = backFilter(x, dy)
 *   dx = backInput(dy, f)     ->   G of dx:  conv(G, f) for dy,      backFilter(G, dy) for f
 *   df = backFilter(x, dy)    ->   G of df:  backInput(dy, G) for x, conv(x, G) for dy
 *
 * Dilated filters are first spread with zeros (a linear, differentiable operation): tfjs passes no dilation to the backward kernels of dense
 * convolutions, and TensorFlow's depthwise backward kernels give wrong values for dilated filters on CPUs.
 *
 * A filter of one element that moves by more than one position reads every s-th element of x alone: backFilter gets those with stride 1. The kernel that
 * oneDNN (3.x, inside TensorFlow 2.21) has for the strided case writes beyond its buffer where the channels of x are no multiple of 16, which ends the
 * process (`free(): invalid next size`) or damages what lies there.
 */
import { type GradConfig, type Tensor, tf } from '../tf.ts';
import { rule, runKernel } from './rule.ts';
import { isDilated, shrinkFilter, spreadFilter } from './spread-filter.ts';

interface Family {
  readonly forward: string;
  readonly backwardInput: string;
  readonly backwardFilter: string;
}

/** The attributes that the three kernels share: strides, padding, data format, rounding mode. */
interface ConvolutionAttributes {
  readonly dilations?: number | number[];
  readonly inputShape?: number[];
  readonly filterShape?: number[];
  /** One number for all axes of space, or one for each. */
  readonly strides?: number | number[];
  readonly [name: string]: unknown;
}

/** The attributes of the forward operation, without shapes and dilation. */
function own({ dilations: _, inputShape: __, filterShape: ___, ...rest }: ConvolutionAttributes): object {
  return rest;
}

/** The elements of [n, ...space, c] that a filter of one element reads ('same' and 'valid', the backend's only paddings, add none); null for all other filters and for strides of 1. */
function readByOneElement(x: Tensor, filterShape: readonly number[], { strides = 1 }: ConvolutionAttributes) {
  const space = x.shape.slice(1, -1);
  const steps = Array.isArray(strides) ? strides : space.map(() => strides);
  const isStrided = steps.some((step) => step !== 1);
  if (!isStrided || filterShape.slice(0, space.length).some((extent) => extent !== 1)) return null;
  const zeros = x.shape.map(() => 0);
  return tf.stridedSlice(x, zeros, [...x.shape], [1, ...steps, 1]);
}

function convolutionRules({ forward, backwardInput, backwardFilter }: Family) {
  const forwardOf = (x: Tensor, filter: Tensor, attributes: ConvolutionAttributes) =>
    runKernel(forward, { x, filter }, { ...own(attributes), dilations: filter.rank === 5 ? [1, 1, 1] : [1, 1] });
  const inputOf = (dy: Tensor, filter: Tensor, attributes: ConvolutionAttributes, inputShape: readonly number[]) =>
    runKernel(backwardInput, { dy, filter }, { ...own(attributes), dilations: 1, inputShape });
  const filterOf = (x: Tensor, dy: Tensor, attributes: ConvolutionAttributes, filterShape: readonly number[]) => {
    const read = readByOneElement(x, filterShape, attributes);
    const strides = read === null ? attributes.strides : x.shape.slice(1, -1).map(() => 1);
    return runKernel(backwardFilter, { x: read ?? x, dy }, { ...own(attributes), strides, dilations: 1, filterShape });
  };

  return {
    forward: rule(forward, ['x', 'filter'], (dy, { x, filter }, attributes: ConvolutionAttributes) => {
      const { dilations = 1 } = attributes;
      if (!isDilated(dilations)) {
        return {
          x: () => inputOf(dy, filter, attributes, x.shape),
          filter: () => filterOf(x, dy, attributes, filter.shape),
        };
      }
      return {
        x: () => inputOf(dy, spreadFilter(filter, dilations), attributes, x.shape),
        filter: () => {
          const spreadShape = spreadFilter(filter, dilations).shape;
          return shrinkFilter(filterOf(x, dy, attributes, spreadShape), dilations, filter.shape);
        },
      };
    }),
    backwardInput: rule(backwardInput, ['dy', 'filter'], (g, { dy, filter }, attributes: ConvolutionAttributes) => ({
      dy: () => forwardOf(g, filter, attributes),
      filter: () => filterOf(g, dy, attributes, filter.shape),
    })),
    backwardFilter: rule(backwardFilter, ['x', 'dy'], (g, { x, dy }, attributes: ConvolutionAttributes) => ({
      x: () => inputOf(dy, g, attributes, x.shape),
      dy: () => forwardOf(x, g, attributes),
    })),
  } satisfies Record<string, GradConfig>;
}

export const conv2d = convolutionRules({
  forward: 'Conv2D',
  backwardInput: 'Conv2DBackpropInput',
  backwardFilter: 'Conv2DBackpropFilter',
});
export const depthwiseConv2d = convolutionRules({
  forward: 'DepthwiseConv2dNative',
  backwardInput: 'DepthwiseConv2dNativeBackpropInput',
  backwardFilter: 'DepthwiseConv2dNativeBackpropFilter',
});
export const conv3d = convolutionRules({
  forward: 'Conv3D',
  backwardInput: 'Conv3DBackpropInputV2',
  backwardFilter: 'Conv3DBackpropFilterV2',
});
