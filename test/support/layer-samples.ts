/** A small, valid example of every layer class: configuration and input shapes without the batch axis. The type checker requires one for each class. */
import type { JsonObject } from '../../src/json.ts';
import { augmentations } from '../../src/topology/layers/augmentation.ts';
import type { LayerClassName } from '../../src/topology/layers/index.ts';

export interface LayerSample {
  readonly config: JsonObject;
  readonly inputs: readonly number[][];
}

const sample = (config: JsonObject, ...inputs: number[][]): LayerSample => ({ config, inputs });
const inner = (class_name: string, config: JsonObject): JsonObject => ({ class_name, config });

const vector = [4];
const sequence = [5, 3];
const image = [5, 6, 2];
const volume = [3, 4, 5, 2];

const augmentationSamples = Object.fromEntries(
  Object.keys(augmentations).map((name) => [name, sample({ factor: 0.1 }, image)]),
) as Record<keyof typeof augmentations, LayerSample>;

export const layerSamples: Readonly<Record<LayerClassName, LayerSample>> = {
  ...augmentationSamples,
  Activation: sample({ activation: 'gelu' }, vector),
  ActivityRegularization: sample({ l1: 0 }, vector),
  AdaptiveAveragePooling1D: sample({ output_size: 3 }, sequence),
  AdaptiveAveragePooling2D: sample({ output_size: [2, 4] }, image),
  AdaptiveAveragePooling3D: sample({ output_size: 2, data_format: 'channels_first' }, volume),
  AdaptiveMaxPooling1D: sample({ output_size: 3 }, sequence),
  AdaptiveMaxPooling2D: sample({ output_size: [2, 4] }, image),
  AdaptiveMaxPooling3D: sample({ output_size: 2 }, volume),
  Add: sample({}, vector, vector, vector),
  AdditiveAttention: sample({}, sequence, sequence),
  AlphaDropout: sample({ rate: 0.5 }, vector),
  Attention: sample({ use_scale: true }, sequence, sequence),
  Average: sample({}, vector, vector),
  AveragePooling1D: sample({ pool_size: 2 }, sequence),
  AveragePooling2D: sample({ pool_size: [2, 3], strides: [1, 2], padding: 'same' }, image),
  AveragePooling3D: sample({ pool_size: 2, strides: [1, 2, 3], padding: 'same' }, volume),
  BatchNormalization: sample({ axis: -1 }, image),
  Bidirectional: sample({ layer: inner('GRU', { units: 2 }) }, sequence),
  CenterCrop: sample({ height: 7, width: 4 }, image),
  Concatenate: sample({ axis: 1 }, sequence, sequence),
  Conv1D: sample({ filters: 4, kernel_size: 2, dilation_rate: 2, padding: 'causal' }, sequence),
  Conv1DTranspose: sample({ filters: 4, kernel_size: 3, strides: 2, padding: 'same' }, sequence),
  Conv2D: sample({ filters: 4, kernel_size: 3, strides: 2, groups: 2, activation: 'tanh' }, image),
  Conv2DTranspose: sample({ filters: 3, kernel_size: [3, 2], strides: [2, 1] }, image),
  Conv3D: sample({ filters: 3, kernel_size: 2, strides: [1, 2, 1] }, [3, 4, 3, 2]),
  Conv3DTranspose: sample({ filters: 2, kernel_size: 2, strides: [2, 1, 1], padding: 'same' }, [2, 3, 2, 2]),
  ConvLSTM1D: sample(
    { recurrent_activation: 'sigmoid', filters: 2, kernel_size: 2, return_sequences: true },
    [3, 4, 2],
  ),
  ConvLSTM2D: sample(
    { recurrent_activation: 'sigmoid', filters: 2, kernel_size: 2, strides: 2, padding: 'same' },
    [2, 3, 4, 2],
  ),
  ConvLSTM3D: sample(
    { recurrent_activation: 'sigmoid', filters: 1, kernel_size: 2, data_format: 'channels_first' },
    [2, 1, 3, 2, 2],
  ),
  Cropping1D: sample({ cropping: [1, 2] }, sequence),
  Cropping2D: sample(
    {
      cropping: [
        [1, 0],
        [2, 1],
      ],
    },
    image,
  ),
  Cropping3D: sample({ cropping: [1, 0, 2] }, [3, 2, 5, 2]),
  CustomScaleLayer: sample({ scale: 0.2 }, image, image),
  Dense: sample({ units: 3, activation: 'elu' }, sequence),
  DepthwiseConv1D: sample({ kernel_size: 3, padding: 'same' }, sequence),
  DepthwiseConv2D: sample({ kernel_size: 3, strides: 2, depth_multiplier: 2 }, image),
  Dot: sample({ axes: [2, 1], normalize: true }, [3, 4], [4, 2]),
  Dropout: sample({ rate: 0.5 }, vector),
  ELU: sample({ alpha: 0.5 }, vector),
  EinsumDense: sample({ equation: 'abc,bcd->abd', output_shape: [null, 2], bias_axes: 'd' }, [3, 4]),
  Embedding: sample({ input_dim: 7, output_dim: 3 }, [4]),
  Flatten: sample({ data_format: 'channels_first' }, image),
  GRU: sample({ units: 3, return_sequences: true, recurrent_activation: 'sigmoid' }, sequence),
  GaussianDropout: sample({ rate: 0.5 }, vector),
  GaussianNoise: sample({ stddev: 2 }, vector),
  GlobalAveragePooling1D: sample({}, sequence),
  GlobalAveragePooling2D: sample({ keepdims: true }, image),
  GlobalAveragePooling3D: sample({ keepdims: true }, volume),
  GlobalMaxPooling1D: sample({}, sequence),
  GlobalMaxPooling2D: sample({ data_format: 'channels_first' }, image),
  GlobalMaxPooling3D: sample({}, volume),
  GroupNormalization: sample({ groups: 2 }, [3, 4]),
  GroupQueryAttention: sample({ head_dim: 2, num_query_heads: 4, num_key_value_heads: 2 }, sequence, sequence),
  Identity: sample({}, vector),
  InputLayer: sample({ batch_shape: [null, 4] }, vector),
  LSTM: sample({ units: 3, recurrent_activation: 'sigmoid' }, sequence),
  LayerNormalization: sample({ axis: [1, 2] }, sequence),
  LayerScale: sample({ init_values: 0.1, projection_dim: 3 }, sequence),
  LeakyReLU: sample({ alpha: 0.2 }, vector),
  MaxPooling1D: sample({ pool_size: 3, strides: 2, padding: 'same' }, sequence),
  MaxPooling2D: sample({}, image),
  MaxPooling3D: sample({ pool_size: [2, 2, 3], strides: 2 }, volume),
  Masking: sample({ mask_value: 0.5 }, sequence),
  Maximum: sample({}, vector, vector),
  Minimum: sample({}, vector, vector),
  MultiHeadAttention: sample({ num_heads: 2, key_dim: 3 }, sequence, sequence),
  Multiply: sample({}, sequence, [1, 3]),
  Normalization: sample({ mean: [1, 2, 3, 4], variance: [1, 4, 9, 16] }, vector),
  PReLU: sample({ shared_axes: [1] }, sequence),
  Permute: sample({ dims: [2, 1] }, sequence),
  RMSNormalization: sample({}, sequence),
  RandomCrop: sample({ height: 5, width: 6 }, image),
  RNN: sample(
    { cell: [inner('LSTMCell', { name: 'a', units: 3 }), inner('GRUCell', { name: 'b', units: 2 })] },
    sequence,
  ),
  ReLU: sample({ max_value: 2, negative_slope: 0.1, threshold: 0.3 }, vector),
  RepeatVector: sample({ n: 3 }, vector),
  Rescaling: sample({ scale: 2, offset: 1 }, vector),
  Reshape: sample({ target_shape: [2, -1] }, vector),
  Resizing: sample({ height: 3, width: 9, antialias: true, interpolation: 'bicubic' }, image),
  SeparableConv1D: sample({ filters: 4, kernel_size: 3 }, sequence),
  SeparableConv2D: sample({ filters: 4, kernel_size: 2, dilation_rate: 2 }, image),
  SimpleRNN: sample({ units: 3 }, sequence),
  Softmax: sample({ axis: 1 }, sequence),
  SpatialDropout1D: sample({ rate: 0.5 }, sequence),
  SpatialDropout2D: sample({ rate: 0.5 }, image),
  SpatialDropout3D: sample({ rate: 0.5 }, volume),
  Subtract: sample({}, vector, vector),
  ThresholdedReLU: sample({ theta: 0.5 }, vector),
  TimeDistributed: sample({ layer: inner('Dense', { units: 2 }) }, sequence),
  UnitNormalization: sample({}, sequence),
  UpSampling1D: sample({ size: 2 }, sequence),
  UpSampling2D: sample({ size: [2, 3], interpolation: 'bilinear' }, image),
  UpSampling3D: sample({ size: [1, 2, 3] }, [2, 1, 2, 2]),
  ZeroPadding1D: sample({ padding: [1, 2] }, sequence),
  ZeroPadding2D: sample({ padding: 1 }, image),
  ZeroPadding3D: sample({ padding: [1, 0, 2] }, [2, 1, 2, 2]),
};
