/** Rows for convolutions, pooling and resizing: forward kernels and their gradients, which are kernels too. */
import { runKernel } from '../../../../src/engine/gradients/rule.ts';
import { stopGradient } from '../../../../src/engine/gradients/stop-gradient.ts';
import { type Tensor, tf } from '../../../../src/engine/tf.ts';
import { distinct, type Proof } from '../prove.ts';

type Shape = readonly number[];

/** strides and dilations as tfjs takes them; `y` is the output's shape. */
interface Convolution {
  readonly family: 'Conv2D' | 'DepthwiseConv2dNative' | 'Conv3D';
  readonly x: Shape;
  readonly filter: Shape;
  readonly y: Shape;
  readonly strides: number | readonly number[];
  readonly pad: 'same' | 'valid';
  readonly dilations?: number | readonly number[];
}

const backwardKernels = {
  Conv2D: ['Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  DepthwiseConv2dNative: ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  Conv3D: ['Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
} as const;

const convolutions: readonly Convolution[] = [
  { family: 'Conv2D', x: [2, 5, 6, 2], filter: [3, 3, 2, 3], y: [2, 5, 6, 3], strides: 1, pad: 'same' },
  { family: 'Conv2D', x: [2, 6, 5, 2], filter: [3, 2, 2, 3], y: [2, 3, 3, 3], strides: 2, pad: 'same' },
  { family: 'Conv2D', x: [1, 6, 6, 2], filter: [2, 3, 2, 3], y: [1, 3, 4, 3], strides: [2, 1], pad: 'valid' },
  { family: 'Conv2D', x: [2, 4, 4, 3], filter: [1, 1, 3, 2], y: [2, 4, 4, 2], strides: 1, pad: 'valid' },
  { family: 'DepthwiseConv2dNative', x: [2, 5, 5, 2], filter: [3, 3, 2, 2], y: [2, 5, 5, 4], strides: 1, pad: 'same' },
  { family: 'DepthwiseConv2dNative', x: [2, 6, 6, 2], filter: [3, 3, 2, 1], y: [2, 2, 2, 2], strides: 2, pad: 'valid' },
  { family: 'Conv3D', x: [1, 3, 4, 4, 2], filter: [2, 2, 2, 2, 2], y: [1, 3, 4, 4, 2], strides: 1, pad: 'same' },
  { family: 'Conv3D', x: [1, 4, 4, 4, 1], filter: [2, 2, 2, 1, 2], y: [1, 2, 2, 2, 2], strides: 2, pad: 'valid' },
];

/** Rows of the forward kernel alone: the rules never call the backward kernels with these attributes (gradients/convolution.ts). */
const strided: readonly Convolution[] = [
  { family: 'Conv2D', x: [1, 5, 6, 3], filter: [1, 1, 3, 2], y: [1, 3, 3, 2], strides: 2, pad: 'same' },
  { family: 'Conv2D', x: [1, 5, 6, 3], filter: [1, 1, 3, 2], y: [1, 5, 2, 2], strides: [1, 3], pad: 'valid' },
  { family: 'Conv3D', x: [1, 4, 4, 4, 2], filter: [1, 1, 1, 2, 2], y: [1, 2, 2, 2, 2], strides: 2, pad: 'valid' },
];

const dilated: readonly Convolution[] = [
  { family: 'Conv2D', x: [1, 6, 6, 2], filter: [3, 3, 2, 2], y: [], strides: 1, pad: 'same', dilations: 2 },
  { family: 'Conv2D', x: [1, 7, 6, 2], filter: [2, 3, 2, 2], y: [], strides: 1, pad: 'valid', dilations: [3, 2] },
  {
    family: 'DepthwiseConv2dNative',
    x: [1, 6, 6, 2],
    filter: [3, 3, 2, 2],
    y: [],
    strides: 1,
    pad: 'same',
    dilations: 2,
  },
  {
    family: 'DepthwiseConv2dNative',
    x: [1, 7, 7, 2],
    filter: [3, 3, 2, 1],
    y: [],
    strides: 1,
    pad: 'valid',
    dilations: [2, 2],
  },
];

const attributesOf = ({ family, strides, pad, dilations = 1 }: Convolution) => ({
  strides,
  pad,
  dilations: family === 'Conv3D' ? [1, 1, 1] : dilations,
  dataFormat: family === 'Conv3D' ? 'NDHWC' : 'NHWC',
});

const variantOf = ({ filter, strides, pad, dilations = 1 }: Convolution) =>
  `${filter.slice(0, -2).join('x')}, stride ${strides}, ${pad}, dilation ${dilations}`;

const forwardRow = (convolution: Convolution): Proof => ({
  kernel: convolution.family,
  variant: variantOf(convolution),
  shapes: [convolution.x, convolution.filter],
  op: (x, filter) => runKernel(convolution.family, { x, filter }, attributesOf(convolution)),
});

function backwardRows(convolution: Convolution): Proof[] {
  const [backwardInput, backwardFilter] = backwardKernels[convolution.family];
  const { x: inputShape, filter: filterShape, y } = convolution;
  const attributes = { ...attributesOf(convolution), dilations: 1, inputShape, filterShape };
  const variant = variantOf(convolution);
  return [
    {
      kernel: backwardInput,
      variant,
      shapes: [y, filterShape],
      op: (dy, filter) => runKernel(backwardInput, { dy, filter }, attributes),
    },
    {
      kernel: backwardFilter,
      variant,
      shapes: [inputShape, y],
      op: (x, dy) => runKernel(backwardFilter, { x, dy }, attributes),
    },
  ];
}

const pools = [
  { filterSize: [2, 2], strides: [2, 2], pad: 'valid', y: [1, 3, 2, 2] },
  { filterSize: [3, 3], strides: [2, 2], pad: 'same', y: [1, 3, 3, 2] },
  { filterSize: [3, 2], strides: [1, 1], pad: 'same', y: [1, 6, 5, 2] },
] as const;
const pooled: Shape = [1, 6, 5, 2];

const poolRows = pools.flatMap(({ y, ...attributes }): Proof[] => {
  const variant = `${attributes.filterSize.join('x')}, stride ${attributes.strides[0]}, ${attributes.pad}`;
  const output = (x: Tensor) => stopGradient(runKernel('MaxPool', { x }, attributes));
  return [
    {
      kernel: 'MaxPool',
      variant,
      shapes: [pooled],
      op: (x) => runKernel('MaxPool', { x }, attributes),
      draw: distinct,
    },
    {
      kernel: 'MaxPoolGrad',
      variant,
      shapes: [y, pooled],
      op: (dy, x) => runKernel('MaxPoolGrad', { dy, input: x, output: output(x) }, attributes),
      draw: distinct,
    },
    {
      kernel: 'MaxPoolGradGrad',
      variant,
      shapes: [pooled, pooled],
      op: (dx, input) => runKernel('MaxPoolGradGrad', { dx, input: tf.mul(input, 1) }, attributes),
      draw: distinct,
    },
    { kernel: 'AvgPool', variant, shapes: [pooled], op: (x) => runKernel('AvgPool', { x }, attributes) },
    {
      kernel: 'AvgPoolGrad',
      variant,
      shapes: [y],
      op: (dy) => runKernel('AvgPoolGrad', { dy, input: tf.fill([...pooled], 0) }, attributes),
    },
  ];
});

const resizings = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
  { alignCorners: true, halfPixelCenters: false },
] as const;

const resizeRows = (['ResizeBilinear', 'ResizeNearestNeighbor'] as const).flatMap((kernel) =>
  resizings.flatMap((flags): Proof[] => {
    const variant = flags.alignCorners ? 'corners aligned' : flags.halfPixelCenters ? 'half-pixel centres' : 'plain';
    const small: Shape = [1, 3, 2, 2];
    const large: Shape = [1, 6, 4, 2];
    const attributes = { ...flags, size: [6, 4] };
    return [
      { kernel, variant, shapes: [small], op: (images) => runKernel(kernel, { images }, attributes) },
      {
        kernel: `${kernel}Grad`,
        variant,
        shapes: [large, small],
        op: (dy, images) => runKernel(`${kernel}Grad`, { dy, images }, attributes),
      },
    ];
  }),
);

export const windowProofs: readonly Proof[] = [
  ...convolutions.flatMap((convolution) => [forwardRow(convolution), ...backwardRows(convolution)]),
  ...strided.map(forwardRow),
  ...dilated.map(forwardRow),
  ...poolRows,
  ...resizeRows,
  {
    kernel: 'SpaceToBatchND',
    shapes: [[1, 4, 3, 2]],
    op: (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [1, 0],
        ],
      ),
  },
  {
    kernel: 'BatchToSpaceND',
    shapes: [[4, 2, 2, 2]],
    op: (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
  },
];
