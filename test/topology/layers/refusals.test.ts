import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AppError } from '../../../src/errors.ts';
import type { JsonObject } from '../../../src/json.ts';
import { ConfigReader } from '../../../src/topology/config-reader.ts';
import { findLayerSpec } from '../../../src/topology/layers/index.ts';
import { inLayer } from '../../../src/topology/layers/misfit.ts';
import type { Shape } from '../../../src/topology/topology.ts';

/** Class, configuration, the key at fault, a part of the message. */
const configurations: [string, JsonObject, string, RegExp][] = [
  ['Dense', {}, 'units', /must be a number, got nothing/],
  ['Dense', { units: 0 }, 'units', /\[1, \d+\], got 0/],
  ['Dense', { units: 1e12 }, 'units', /got 1000000000000/],
  ['Dense', { units: 2.5 }, 'units', /whole number, got 2.5/],
  ['Dense', { units: '4' }, 'units', /must be a number, got "4"/],
  ['Dense', { units: 4, use_bias: 1 }, 'use_bias', /true or false, got 1/],
  ['Dense', { units: 4, activation: 'valueOf' }, 'activation', /must be one of linear, relu, .*, got "valueOf"/],
  ['Dense', { units: 4, activation: '__proto__' }, 'activation', /got "__proto__"/],
  ['Dense', { units: 4, activation: { class_name: 'LeakyReLU', config: {} } }, 'activation', /must be one of/],
  ['Dense', { units: 4, kernel_initializer: 'constructor' }, 'kernel_initializer', /constructor/],
  ['Activation', {}, 'activation', /is required/],
  ['InputLayer', {}, 'batch_input_shape', /got nothing/],
  ['InputLayer', { batch_shape: [null, 0] }, 'batch_shape', /positive extents, got \[null,0\]/],
  ['InputLayer', { batch_shape: [null, 4], dtype: 'string' }, 'dtype', /float32, float64/],
  ['InputLayer', { batch_shape: [null, 4], sparse: true }, 'sparse', /dense/],
  ['Conv1D', { filters: 4, kernel_size: [3, 3] }, 'kernel_size', /a whole number or 1 of them/],
  ['Conv2D', { filters: 4, kernel_size: [3, 0] }, 'kernel_size', /\[1, \d+\], got \[3,0\]/],
  ['Conv2D', { filters: 4, kernel_size: 3, padding: 'causal' }, 'padding', /valid, same, got "causal"/],
  ['Conv2D', { filters: 4, kernel_size: 3, groups: 3 }, 'groups', /must divide filters \(4\), got 3/],
  ['Conv2D', { filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2 }, 'dilation_rate', /cannot have both/],
  ['Conv2D', { filters: 4, kernel_size: 3, data_format: 'NCHW' }, 'data_format', /channels_last, channels_first/],
  ['Conv2DTranspose', { filters: 4, kernel_size: 3, output_padding: 1 }, 'output_padding', /must be less than strides/],
  ['Resizing', { height: 4, width: 4, interpolation: 'area' }, 'interpolation', /nearest, bilinear/],
  ['DepthwiseConv2D', { kernel_size: 3, strides: [1, 2] }, 'strides', /equal on both axes, got \[1,2\]/],
  ['SeparableConv2D', { filters: 4, kernel_size: 3, depth_multiplier: 0 }, 'depth_multiplier', /got 0/],
  ['MaxPooling2D', { pool_size: -1 }, 'pool_size', /got -1/],
  ['BatchNormalization', { axis: 0 }, 'axis', /other than the batch axis 0/],
  ['BatchNormalization', { axis: [1, 2] }, 'axis', /must be one axis/],
  ['BatchNormalization', { epsilon: -1 }, 'epsilon', /got -1/],
  ['LayerNormalization', { rms_scaling: true }, 'rms_scaling', /use RMSNormalization/],
  ['LayerNormalization', { axis: 'last' }, 'axis', /got "last"/],
  ['GroupNormalization', { groups: 0 }, 'groups', /got 0/],
  ['Dropout', { rate: 1.5 }, 'rate', /\[0, 1\], got 1.5/],
  ['Reshape', { target_shape: [-1, -1] }, 'target_shape', /at most one of them -1/],
  ['Reshape', {}, 'target_shape', /got nothing/],
  ['Permute', { dims: [1, 3] }, 'dims', /permutation of 1 \.\.\. rank, got \[1,3\]/],
  ['Permute', { dims: [0, 1] }, 'dims', /permutation/],
  ['RepeatVector', { n: 0 }, 'n', /got 0/],
  ['PReLU', { shared_axes: [0] }, 'shared_axes', /positive axes/],
  [
    'ZeroPadding2D',
    {
      padding: [
        [1, 1],
        [1, -1],
      ],
    },
    'padding',
    /\[before, after\]/,
  ],
  ['ZeroPadding2D', { padding: [1, 2, 3] }, 'padding', /2 axes/],
  ['UpSampling2D', { interpolation: 'area' }, 'interpolation', /nearest, bilinear/],
  ['Dot', { axes: 0 }, 'axes', /not the batch axis, got 0/],
  ['Dot', {}, 'axes', /got nothing/],
  ['Rescaling', {}, 'scale', /must be a number/],
  ['Normalization', { mean: 0, variance: -1 }, 'variance', /not be negative/],
];

/** Class, configuration, input shapes, a part of the message. */
const misfits: [string, JsonObject, Shape[], RegExp][] = [
  ['Dense', { units: 4 }, [[null]], /known extent at axis -1, got \[\?, \?\]/],
  ['Dense', { units: 4 }, [[3], [3]], /must be one tensor, got 2/],
  ['Conv2D', { filters: 4, kernel_size: 3 }, [[8, 3]], /4 axes \(batch first\), got \[\?, 8, 3\]/],
  ['Conv2D', { filters: 4, kernel_size: 3 }, [[2, 8, 3]], /extent 2 where the window covers 3/],
  ['Conv2D', { filters: 4, kernel_size: 3 }, [[8, 8, null]], /known number of channels/],
  ['Conv2D', { filters: 4, kernel_size: 3, groups: 2 }, [[8, 8, 3]], /3 channels, which 2 groups do not divide/],
  ['MaxPooling1D', { pool_size: 4 }, [[3, 2]], /window covers 4/],
  ['BatchNormalization', { axis: 3 }, [[4, 2]], /no axis 3 in \[\?, 4, 2\]/],
  ['LayerNormalization', { axis: [1, -2] }, [[4, 2]], /twice/],
  ['GroupNormalization', { groups: 3 }, [[4, 4]], /4 channels, which 3 groups do not divide/],
  ['PReLU', { shared_axes: [3] }, [[4, 2]], /no axis 3/],
  ['Reshape', { target_shape: [5, -1] }, [[12]], /12 elements, which do not fill target_shape \[5,-1\]/],
  ['Reshape', { target_shape: [2, 5] }, [[12]], /do not fill/],
  ['Permute', { dims: [2, 1] }, [[2, 3, 4]], /3 axes/],
  ['Cropping1D', { cropping: 2 }, [[4, 2]], /nothing left/],
  ['Add', {}, [[4]], /at least 2 tensors, got 1/],
  ['Add', {}, [[4], [3]], /\[\?, 4\] and \[\?, 3\] do not broadcast/],
  ['Subtract', {}, [[4], [4], [4]], /must be 2 tensors, got 3/],
  [
    'Concatenate',
    { axis: 1 },
    [
      [2, 4],
      [2, 3],
    ],
    /differ beyond the axis 1/,
  ],
  ['Concatenate', {}, [[2, 4], [4]], /differ beyond/],
  ['Dot', { axes: 1 }, [[4], [3]], /4 and 3/],
  ['Dot', { axes: 1 }, [[2, 2, 2], [2]], /2 or 3 axes/],
  ['Softmax', { axis: 2 }, [[4]], /no axis 2/],
  ['Rescaling', { scale: [1, 2] }, [[3]], /3 entries along the last axis for 2 scales/],
  ['LayerScale', { init_values: 0.1, projection_dim: 3 }, [[4]], /projection_dim is 3/],
  ['RandomCrop', { height: 4, width: 4 }, [[6, 6, 3]], /put CenterCrop in its place/],
  ['Normalization', { mean: [1, 2], variance: [1, 2] }, [[3]], /3 entries along axis -1 for 2 statistics/],
];

function parse(className: string, config: JsonObject) {
  const spec = findLayerSpec(className);
  assert.ok(spec, className);
  const reader = new ConfigReader('my_layer', className, config, '/config/layers/3/config');
  return { spec, reader, parsed: spec.parse(reader) };
}

describe('a layer is refused with its name', () => {
  for (const [className, config, key, message] of configurations) {
    test(`and the key ${key}: ${className} ${JSON.stringify(config)}`, () => {
      assert.throws(
        () => parse(className, config),
        (thrown: AppError) => {
          assert.equal(thrown.code, 'LAYER_INVALID');
          assert.ok(thrown.message.startsWith(`layer "my_layer" (${className}): ${key}`), thrown.message);
          assert.match(thrown.message, message);
          const [{ pointer } = { pointer: '' }] = thrown.problems;
          assert.equal(pointer, `/config/layers/3/config/${key}`);
          return true;
        },
      );
    });
  }

  for (const [className, config, shapes, message] of misfits) {
    test(`and the shapes that do not fit: ${className} ${JSON.stringify(config)} on ${JSON.stringify(shapes)}`, () => {
      const { spec, reader, parsed } = parse(className, config);
      assert.throws(
        () => inLayer(reader, () => [spec.params(parsed, shapes), spec.outputShape(parsed, shapes)]),
        (thrown: AppError) => {
          assert.equal(thrown.code, 'LAYER_INVALID');
          assert.match(thrown.message, new RegExp(`^layer "my_layer" \\(${className}\\): input`));
          assert.match(thrown.message, message);
          return true;
        },
      );
    });
  }
});

/** Class, configuration, input shapes, output shape: extents that only the data decides pass through. */
const open: [string, JsonObject, Shape[], Shape][] = [
  ['Dense', { units: 4 }, [[null, 3]], [null, 4]],
  ['Conv2D', { filters: 4, kernel_size: 3 }, [[null, 8, 3]], [null, 6, 4]],
  ['Flatten', {}, [[null, 3]], [null]],
  ['Reshape', { target_shape: [3, -1] }, [[null, 2]], [3, null]],
  ['GlobalAveragePooling2D', {}, [[null, null, 3]], [3]],
  [
    'Add',
    {},
    [
      [null, 3],
      [5, 3],
    ],
    [5, 3],
  ],
  [
    'Concatenate',
    { axis: 1 },
    [
      [null, 3],
      [5, 3],
    ],
    [null, 3],
  ],
  ['UpSampling2D', { size: 2 }, [[null, 4, 3]], [null, 8, 3]],
  ['Conv2DTranspose', { filters: 4, kernel_size: 3, strides: 2 }, [[null, 4, 3]], [null, 9, 4]],
];

describe('extents that only the data decides', () => {
  for (const [className, config, shapes, expected] of open) {
    test(`pass through ${className}`, () => {
      const { spec, parsed } = parse(className, config);
      assert.deepEqual([...spec.outputShape(parsed, shapes)], expected);
    });
  }
});
