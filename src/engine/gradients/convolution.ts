/**
 * Convolutions. A convolution is bilinear in input and filter, so its three kernels are each other's gradients to any order:
 *
 *   y  = conv(x, f)                dx = backInput(dy, f)       df = backFilter(x, dy)
 *   dx = backInput(dy, f)     ->   G of dx:  conv(G, f) for dy,      backFilter(G, dy) for f
 *   df = backFilter(x, dy)    ->   G of df:  backInput(dy, G) for x, conv(x, G) for dy
 *
 * Dilated filters are first spread with zeros (a linear, differentiable operation): tfjs passes no dilation to the backward kernels of dense
 * convolutions, and TensorFlow's depthwise backward kernels give wrong values for dilated filters on CPUs.
 */
import type { GradConfig, Tensor } from '../tf.ts';
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
  readonly [name: string]: unknown;
}

/** The attributes of the forward operation, without shapes and dilation. */
function own({ dilations: _, inputShape: __, filterShape: ___, ...rest }: ConvolutionAttributes): object {
  return rest;
}

function convolutionRules({ forward, backwardInput, backwardFilter }: Family) {
  const forwardOf = (x: Tensor, filter: Tensor, attributes: ConvolutionAttributes) =>
    runKernel(forward, { x, filter }, { ...own(attributes), dilations: filter.rank === 5 ? [1, 1, 1] : [1, 1] });
  const inputOf = (dy: Tensor, filter: Tensor, attributes: ConvolutionAttributes, inputShape: readonly number[]) =>
    runKernel(backwardInput, { dy, filter }, { ...own(attributes), dilations: 1, inputShape });
  const filterOf = (x: Tensor, dy: Tensor, attributes: ConvolutionAttributes, filterShape: readonly number[]) =>
    runKernel(backwardFilter, { x, dy }, { ...own(attributes), dilations: 1, filterShape });

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
