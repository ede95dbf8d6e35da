/**
 * The initialisation of timm's vision transformers, which most later vision code uses too.
 *
 *   dense and attention kernels, embeddings   N(0, std^2) std 0.02 (timm cuts at +-2, 100 deviations away, which no draw reaches);   biases 0
 *   convolutions   `convolutions: "trunc-normal"` the same with zero biases (ConvNeXt, Swin), `"torch"` the default of torch (ViT's patch embedding)
 *   normalisations gain 1, offset 0
 *
 * Recurrent layers, which timm does not have, get the same kernels. Other parameters (LayerScale, PReLU) are kept and listed.
 *
 * Wightman: PyTorch Image Models, github.com/huggingface/pytorch-image-models: init_weights_vit_timm, convnext's _init_weights. The deviation is that
 * of BERT: Devlin et al., NAACL 2019, arXiv:1810.04805.
 */
import { Type } from 'typebox';
import { unwrapped } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param } from '../../topology/topology.ts';
import { defineMethod } from './method.ts';
import { needsKernel, redrawParams } from './redraw.ts';
import { drawSmallNormal } from './small-normal.ts';
import { drawTorchDefault } from './torch-default.ts';

const options = Type.Object(
  {
    stddev: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.2,
      default: 0.02,
      description: 'Of all kernels and embeddings.',
    }),
    convolutions: Type.Enum(['trunc-normal', 'torch'], {
      default: 'trunc-normal',
      description: 'Convolutions like all kernels (ConvNeXt, Swin), or as torch leaves them, biases included (ViT).',
    }),
  },
  { additionalProperties: false },
);

/** True for convolutions, which are layers of Keras or modules of PyTorch ('Conv', 'ConvTranspose'). */
const isConvolution = (layer: Layer) =>
  /^((Depthwise|Separable)?Conv\dD|Conv)(Transpose)?$/.test(unwrapped(layer).className);

export const timm = defineMethod({
  name: 'timm',
  summary: 'Normal of deviation 0.02 for kernels and embeddings, zero biases, as in timm and BERT.',
  reference: 'Wightman, PyTorch Image Models, 2019, doi:10.5281/zenodo.4414861',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { stddev, convolutions }, control) {
    const draw = (param: Param, layer: Layer) =>
      isConvolution(layer) && convolutions === 'torch'
        ? drawTorchDefault(param, layer, problem.seed)
        : drawSmallNormal(param, layer, stddev, problem.seed);
    return redrawParams(problem, draw, control);
  },
});
