/**
 * The published settings of GradInit, by preset and flavour.
 *
 * published: the values in the authors' launch scripts and the paper's experiments. released: the defaults of the option parsers in the released
 * code, which no experiment used (no bound on the norm, steps that are not normalised); needed to replay that code.
 *
 * Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098, and the authors' released code and scripts. The rate of the scales differs between the
 * published networks by a factor of a hundred (docs/methods.md), so that `published` searches for it by default.
 */

export type Preset = 'published' | 'released';
export type Flavour = 'cifar' | 'fairseq';

export interface PresetValues {
  readonly optimizer: 'sgd' | 'adam';
  /** Learning rate eta of the simulated step. */
  readonly eta: number;
  readonly gamma: number | null;
  readonly normalizeGradient: boolean;
  readonly learningRate: number | 'auto';
  readonly iterations: number;
  readonly beta2: number;
  /** Bound on the gradients of scales; 0: none. */
  readonly gradientClip: number;
  readonly layerNormMaxScale: number | null;
}

export const presets: Readonly<Record<Preset, Readonly<Record<Flavour, PresetValues>>>> = {
  published: {
    cifar: {
      optimizer: 'sgd',
      eta: 0.1,
      gamma: 1,
      normalizeGradient: true,
      learningRate: 'auto',
      iterations: 390,
      beta2: 0.999,
      gradientClip: 1,
      layerNormMaxScale: null,
    },
    fairseq: {
      optimizer: 'adam',
      eta: 1e-3,
      gamma: 1000,
      normalizeGradient: false,
      learningRate: 2.5e-3,
      iterations: 780,
      beta2: 0.98,
      gradientClip: 0,
      layerNormMaxScale: 100,
    },
  },
  released: {
    cifar: {
      optimizer: 'sgd',
      eta: 0.1,
      gamma: null,
      normalizeGradient: false,
      learningRate: 1e-3,
      iterations: 390,
      beta2: 0.999,
      gradientClip: 1,
      layerNormMaxScale: null,
    },
    fairseq: {
      optimizer: 'adam',
      eta: 5e-4,
      gamma: 1000,
      normalizeGradient: false,
      learningRate: 1e-3,
      iterations: 390,
      beta2: 0.999,
      gradientClip: 1,
      layerNormMaxScale: null,
    },
  },
};
