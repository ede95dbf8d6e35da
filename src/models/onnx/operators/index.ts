/** The registry of ONNX operators, and why others are not read. One more: a line in a family. */

import { refuse, type Translate } from '../call.ts';
import type { NodeProto } from '../proto.ts';
import { activations } from './activations.ts';
import { control } from './control.ts';
import { convolution } from './convolution.ts';
import { creation } from './creation.ts';
import { cuts } from './cuts.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import { linearAlgebra } from './linear-algebra.ts';
import { normalization } from './normalization.ts';
import { pooling } from './pooling.ts';
import { recurrentOperators } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { sampling } from './sampling.ts';
import { sequences } from './sequences.ts';
import { shapes } from './shapes.ts';

export const onnxFamilies = {
  'linear algebra': linearAlgebra,
  convolution,
  pooling,
  normalization,
  activations,
  elementwise,
  reductions,
  shapes,
  cuts,
  indexing,
  sampling,
  recurrent: recurrentOperators,
  creation,
  sequences,
  control,
} as const;

export const onnxOperators: ReadonlyMap<string, Translate> = new Map(
  Object.values(onnxFamilies).flatMap((family) => Object.entries(family)),
);

/** Why operators of a kind are not read, and the way out. */
const reasons: readonly [RegExp, string][] = [
  [
    /^(Loop|Scan|SequenceMap)$/,
    'repeats a part of the graph; export the model with its loop written out (a fixed number of steps), or with torch.export as .pt2',
  ],
  [
    /^(RandomNormal|RandomUniform|RandomNormalLike|Multinomial)$/,
    'draws random numbers inside of the network, and a step must give the same numbers every time; take the noise as an input of the model',
  ],
  [
    /^(DFT|STFT|HannWindow|HammingWindow|BlackmanWindow|MelWeightMatrix)$/,
    'computes with complex numbers or spectra, which are not read; compute them before the model',
  ],
  [
    /^(NonZero|Unique|Compress|NonMaxSuppression)$/,
    'gives a result whose shape depends on the data; use a form with fixed shapes, such as Where',
  ],
  [
    /^(ScatterElements|ScatterND|Scatter|TensorScatter)$/,
    'writes into places that data choose, whose derivative is not proven here; write it with Where or Concat',
  ],
  [
    /^(Quantize|Dequantize|QLinear|ConvInteger|MatMulInteger|DynamicQuantize)/,
    'computes with quantised numbers, which no gradient passes; export the model before it is quantised',
  ],
  [
    /^(Det|Hardmax|MaxUnpool|MaxRoiPool|RoiAlign|GridSample|AffineGrid|DeformConv|Col2Im|LpPool|GlobalLpPool)$/,
    'has no derivative of second order that is proven here; replace it in the model',
  ],
  [/^(String|Regex|Tfidf|Image)/, 'works on text or pictures; do that before the model'],
];

export const plainDomains = new Set(['', 'ai.onnx']);

/** Throws LAYER_UNKNOWN with the operator, the node and the way out. */
export function refuseOperator(node: NodeProto): never {
  if (node.domain === 'ai.onnx.ml')
    return refuse(
      node,
      'LAYER_UNKNOWN',
      'is one of classical machine learning (ai.onnx.ml), not of networks; export the network alone',
    );
  if (!plainDomains.has(node.domain))
    return refuse(
      node,
      'LAYER_UNKNOWN',
      `belongs to the domain ${node.domain}, which is not read; export the model without optimisations of a runtime, and inline functions with onnx.inliner.inline_local_functions`,
    );
  const reason = reasons.find(([pattern]) => pattern.test(node.opType))?.[1];
  return refuse(
    node,
    'LAYER_UNKNOWN',
    reason ?? 'is not supported; replace it in the model, or export the model as .pt2 with torch.export',
  );
}
