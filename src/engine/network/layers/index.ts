/** The forward function of every class of src/topology/layers. The type checker refuses a missing function or a wrong configuration type. */
import { findLayerSpec, type LayerClassName, type LayerConfig } from '../../../topology/layers/index.ts';
import type { LayerForward } from '../layer-forward.ts';
import { activation, softmax } from './activation.ts';
import { attention } from './attention.ts';
import { bidirectional } from './bidirectional.ts';
import { only } from './common.ts';
import { conv } from './conv.ts';
import { convLstm } from './conv-lstm.ts';
import { convTranspose } from './conv-transpose.ts';
import { dense } from './dense.ts';
import { depthwiseConv, separableConv } from './depthwise-conv.ts';
import { dot } from './dot.ts';
import { einsumDense } from './einsum-dense.ts';
import { embedding } from './embedding.ts';
import { gru } from './gru.ts';
import { layerScale } from './layer-scale.ts';
import { lstm } from './lstm.ts';
import { masking } from './masking.ts';
import { add, average, concatenate, maximum, minimum, multiply, subtract } from './merge.ts';
import { multiHeadAttention } from './multi-head-attention.ts';
import {
  batchNormalization,
  groupNormalization,
  layerNormalization,
  rmsNormalization,
  unitNormalization,
} from './normalization.ts';
import { cropping, zeroPadding } from './padding.ts';
import { adaptivePooling, globalPooling, pooling } from './pooling.ts';
import { elu, leakyRelu, prelu, relu, thresholdedRelu } from './rectifiers.ts';
import { normalization, rescaling } from './rescaling.ts';
import { flatten, permute, repeatVector, reshape } from './reshape.ts';
import { centerCrop, resizing } from './resizing.ts';
import { rnn } from './rnn.ts';
import { scaledSum } from './scaled-sum.ts';
import { simpleRnn } from './simple-rnn.ts';
import { timeDistributed } from './time-distributed.ts';
import { upSampling } from './up-sampling.ts';

const identity: LayerForward<unknown> = (_config, inputs) => only(inputs);

/** Keyed by canonical class name. */
export const layerForwards: { readonly [K in LayerClassName]: LayerForward<LayerConfig<K>> } = {
  Activation: activation,
  ActivityRegularization: identity,
  AdaptiveAveragePooling1D: adaptivePooling,
  AdaptiveAveragePooling2D: adaptivePooling,
  AdaptiveAveragePooling3D: adaptivePooling,
  AdaptiveMaxPooling1D: adaptivePooling,
  AdaptiveMaxPooling2D: adaptivePooling,
  AdaptiveMaxPooling3D: adaptivePooling,
  Add: add,
  AdditiveAttention: attention,
  AlphaDropout: identity,
  AugMix: identity,
  Average: average,
  AveragePooling1D: pooling,
  AveragePooling2D: pooling,
  AveragePooling3D: pooling,
  BatchNormalization: batchNormalization,
  CenterCrop: centerCrop,
  Concatenate: concatenate,
  Conv1D: conv,
  Conv1DTranspose: convTranspose,
  Conv2D: conv,
  Conv2DTranspose: convTranspose,
  Conv3D: conv,
  Conv3DTranspose: convTranspose,
  ConvLSTM1D: convLstm,
  ConvLSTM2D: convLstm,
  ConvLSTM3D: convLstm,
  Cropping1D: cropping,
  Cropping2D: cropping,
  Cropping3D: cropping,
  CustomScaleLayer: scaledSum,
  CutMix: identity,
  DepthwiseConv1D: depthwiseConv,
  DepthwiseConv2D: depthwiseConv,
  Dot: dot,
  Dropout: identity,
  ELU: elu,
  EinsumDense: einsumDense,
  Embedding: embedding,
  Equalization: identity,
  Flatten: flatten,
  GaussianDropout: identity,
  GaussianNoise: identity,
  GlobalAveragePooling1D: globalPooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalAveragePooling3D: globalPooling,
  GlobalMaxPooling1D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
  GlobalMaxPooling3D: globalPooling,
  GroupQueryAttention: multiHeadAttention,
  GroupNormalization: groupNormalization,
  Identity: identity,
  LayerNormalization: layerNormalization,
  LayerScale: layerScale,
  LeakyReLU: leakyRelu,
  MaxPooling1D: pooling,
  MaxPooling2D: pooling,
  MaxPooling3D: pooling,
  Masking: masking,
  Maximum: maximum,
  Minimum: minimum,
  MixUp: identity,
  Multiply: multiply,
  Normalization: normalization,
  PReLU: prelu,
  Permute: permute,
  RMSNormalization: rmsNormalization,
  RandAugment: identity,
  RandomBrightness: identity,
  RandomColorDegeneration: identity,
  RandomColorJitter: identity,
  RandomContrast: identity,
  RandomErasing: identity,
  RandomFlip: identity,
  RandomGaussianBlur: identity,
  RandomGrayscale: identity,
  RandomHue: identity,
  RandomInvert: identity,
  RandomPerspective: identity,
  RandomPosterization: identity,
  RandomRotation: identity,
  RandomSaturation: identity,
  RandomSharpness: identity,
  RandomShear: identity,
  RandomTranslation: identity,
  RandomZoom: identity,
  RandomCrop: identity,
  ReLU: relu,
  RepeatVector: repeatVector,
  Rescaling: rescaling,
  Reshape: reshape,
  Resizing: resizing,
  SeparableConv1D: separableConv,
  SeparableConv2D: separableConv,
  Softmax: softmax,
  Solarization: identity,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  SpatialDropout3D: identity,
  Subtract: subtract,
  ThresholdedReLU: thresholdedRelu,
  UnitNormalization: unitNormalization,
  UpSampling1D: upSampling,
  UpSampling2D: upSampling,
  UpSampling3D: upSampling,
  ZeroPadding1D: zeroPadding,
  ZeroPadding2D: zeroPadding,
  ZeroPadding3D: zeroPadding,
  Dense: dense,
  InputLayer: identity,
  RNN: rnn,
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed(findLayerForward),
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
};

const byName = new Map<string, LayerForward>(Object.entries<LayerForward>(layerForwards));

/** The forward function of a class or an alias. Its configuration must be parsed by the specification of the same class. */
export function findLayerForward(className: string): LayerForward | undefined {
  const spec = findLayerSpec(className);
  return spec && byName.get(spec.classNames[0]);
}
