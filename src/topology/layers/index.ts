/** The catalogue of layer classes: canonical class name -> LayerSpec. src/engine/network/layers/index.ts has their forward functions. */
import type { LayerSpec } from '../layer-spec.ts';
import { activation, softmax } from './activation.ts';
import {
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from './adaptive-pooling.ts';
import { additiveAttention, attention } from './attention.ts';
import { augmentations } from './augmentation.ts';
import { batchNormalization } from './batch-normalization.ts';
import { bidirectional } from './bidirectional.ts';
import { concatenate } from './concatenate.ts';
import { conv1d, conv2d, conv3d } from './conv.ts';
import { convLstm1d, convLstm2d, convLstm3d } from './conv-lstm.ts';
import { conv1dTranspose, conv2dTranspose, conv3dTranspose } from './conv-transpose.ts';
import { dense } from './dense.ts';
import { depthwiseConv1d, depthwiseConv2d } from './depthwise-conv.ts';
import { dot } from './dot.ts';
import { einsumDense } from './einsum-dense.ts';
import { embedding } from './embedding.ts';
import { groupNormalization } from './group-normalization.ts';
import { gru } from './gru.ts';
import {
  activityRegularization,
  alphaDropout,
  dropout,
  gaussianDropout,
  gaussianNoise,
  identity,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './identity.ts';
import { inputLayer } from './input-layer.ts';
import { layerNormalization } from './layer-normalization.ts';
import { layerScale } from './layer-scale.ts';
import { lstm } from './lstm.ts';
import { masking } from './masking.ts';
import { add, average, maximum, minimum, multiply, subtract } from './merge.ts';
import { groupQueryAttention, multiHeadAttention } from './multi-head-attention.ts';
import { cropping1d, cropping2d, cropping3d, zeroPadding1d, zeroPadding2d, zeroPadding3d } from './padding.ts';
import {
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
} from './pooling.ts';
import { elu, leakyRelu, prelu, relu, thresholdedRelu } from './rectifiers.ts';
import { normalization, rescaling } from './rescaling.ts';
import { flatten, permute, repeatVector, reshape } from './reshape.ts';
import { centerCrop, randomCrop, resizing } from './resizing.ts';
import { rnn } from './rnn.ts';
import { scaledSum } from './scaled-sum.ts';
import { separableConv1d, separableConv2d } from './separable-conv.ts';
import { simpleRnn } from './simple-rnn.ts';
import { timeDistributed } from './time-distributed.ts';
import { upSampling1d, upSampling2d, upSampling3d } from './up-sampling.ts';
import { rmsNormalization, unitNormalization } from './vector-normalization.ts';

/** Keyed by the first entry of each specification's classNames. */
export const layerSpecs = {
  ...augmentations,
  Activation: activation,
  ActivityRegularization: activityRegularization,
  AdaptiveAveragePooling1D: adaptiveAveragePooling1d,
  AdaptiveAveragePooling2D: adaptiveAveragePooling2d,
  AdaptiveAveragePooling3D: adaptiveAveragePooling3d,
  AdaptiveMaxPooling1D: adaptiveMaxPooling1d,
  AdaptiveMaxPooling2D: adaptiveMaxPooling2d,
  AdaptiveMaxPooling3D: adaptiveMaxPooling3d,
  Add: add,
  AdditiveAttention: additiveAttention,
  AlphaDropout: alphaDropout,
  Average: average,
  AveragePooling1D: averagePooling1d,
  AveragePooling2D: averagePooling2d,
  AveragePooling3D: averagePooling3d,
  BatchNormalization: batchNormalization,
  CenterCrop: centerCrop,
  Concatenate: concatenate,
  Conv1D: conv1d,
  Conv1DTranspose: conv1dTranspose,
  Conv2D: conv2d,
  Conv2DTranspose: conv2dTranspose,
  Conv3D: conv3d,
  Conv3DTranspose: conv3dTranspose,
  ConvLSTM1D: convLstm1d,
  ConvLSTM2D: convLstm2d,
  ConvLSTM3D: convLstm3d,
  Cropping1D: cropping1d,
  Cropping2D: cropping2d,
  Cropping3D: cropping3d,
  CustomScaleLayer: scaledSum,
  DepthwiseConv1D: depthwiseConv1d,
  DepthwiseConv2D: depthwiseConv2d,
  Dot: dot,
  Dropout: dropout,
  ELU: elu,
  EinsumDense: einsumDense,
  Embedding: embedding,
  Flatten: flatten,
  GaussianDropout: gaussianDropout,
  GaussianNoise: gaussianNoise,
  GlobalAveragePooling1D: globalAveragePooling1d,
  GlobalAveragePooling2D: globalAveragePooling2d,
  GlobalAveragePooling3D: globalAveragePooling3d,
  GlobalMaxPooling1D: globalMaxPooling1d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  GlobalMaxPooling3D: globalMaxPooling3d,
  GroupQueryAttention: groupQueryAttention,
  GroupNormalization: groupNormalization,
  Identity: identity,
  LayerNormalization: layerNormalization,
  LayerScale: layerScale,
  LeakyReLU: leakyRelu,
  MaxPooling1D: maxPooling1d,
  MaxPooling2D: maxPooling2d,
  MaxPooling3D: maxPooling3d,
  Masking: masking,
  Maximum: maximum,
  Minimum: minimum,
  Multiply: multiply,
  Normalization: normalization,
  PReLU: prelu,
  Permute: permute,
  RMSNormalization: rmsNormalization,
  RandomCrop: randomCrop,
  ReLU: relu,
  RepeatVector: repeatVector,
  Rescaling: rescaling,
  Reshape: reshape,
  Resizing: resizing,
  SeparableConv1D: separableConv1d,
  SeparableConv2D: separableConv2d,
  Softmax: softmax,
  SpatialDropout1D: spatialDropout1d,
  SpatialDropout2D: spatialDropout2d,
  SpatialDropout3D: spatialDropout3d,
  Subtract: subtract,
  ThresholdedReLU: thresholdedRelu,
  UnitNormalization: unitNormalization,
  UpSampling1D: upSampling1d,
  UpSampling2D: upSampling2d,
  UpSampling3D: upSampling3d,
  ZeroPadding1D: zeroPadding1d,
  ZeroPadding2D: zeroPadding2d,
  ZeroPadding3D: zeroPadding3d,
  Dense: dense,
  InputLayer: inputLayer,
  RNN: rnn,
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed(findLayerSpec),
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
} as const satisfies Record<string, LayerSpec<unknown>>;

/** A canonical class name. */
export type LayerClassName = keyof typeof layerSpecs;

/** The parsed configuration of a class. */
export type LayerConfig<K extends LayerClassName> = ReturnType<(typeof layerSpecs)[K]['parse']>;

const byName = new Map<string, LayerSpec<unknown>>(
  Object.values<LayerSpec<unknown>>(layerSpecs).flatMap((spec) =>
    spec.classNames.map((name): [string, LayerSpec<unknown>] => [name, spec]),
  ),
);

/** Every accepted class name, aliases included, sorted. */
export const layerClassNames: readonly string[] = [...byName.keys()].sort();

/** The specification of a class, by its name or an alias. */
export function findLayerSpec(className: string): LayerSpec<unknown> | undefined {
  return byName.get(className);
}
