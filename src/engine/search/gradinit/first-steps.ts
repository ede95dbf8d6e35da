/**
 * The first step of every optimizer for which weights can be tuned, as GradInit simulates it.
 *
 *   theta' = theta - eta f d,     with moments at zero the first step does not depend on their decay
 *   sgd      d = g (or g / ||g||_2), f = 1 (Nesterov: 1 + momentum)        norm L2
 *   adam, adamw, lion   d = sign(g), f = 1                                 norm L1
 *   rmsprop  d = sign(g), f = 1 / sqrt(1 - decay) = 10                     norm L1
 *   muon     d = 0.2 sqrt(max(rows, columns)) U V^T of matrices g = U S V^T, sign(g) of vectors     norm <g, d>: scaled nuclear and L1
 *
 * The norm is the dual norm of the step: eta f ||g|| is the decrease of the loss to first order. Default values of eta are the optimizers' usual
 * rates.
 *
 * Kingma, Ba: Adam. ICLR 2015. Loshchilov, Hutter: AdamW. ICLR 2019. Chen et al.: Symbolic Discovery of Optimization Algorithms (Lion). NeurIPS 2023.
 * Tieleman, Hinton: RMSProp. 2012. Jordan et al.: Muon. 2024, with the normalisation of Liu et al.: Muon is Scalable for LLM Training. 2025, arXiv:2502.16982.
 */

import type { NormKind } from '../../network/dual-norm.ts';

export interface FirstStep {
  readonly norm: NormKind;
  /** The factor f, for the options of sgd. */
  factor(options: { readonly momentum: number; readonly nesterov: boolean }): number;
  /** Usual learning rate of the optimizer. */
  readonly eta: number;
  /** Usual bound on the gradient norm; see docs/methods.md. */
  readonly gamma: number;
}

const rmspropDecay = 0.99;

export const firstSteps = {
  sgd: { norm: 'l2', factor: ({ momentum, nesterov }) => (nesterov ? 1 + momentum : 1), eta: 0.1, gamma: 1 },
  adam: { norm: 'l1', factor: () => 1, eta: 1e-3, gamma: 1000 },
  adamw: { norm: 'l1', factor: () => 1, eta: 1e-3, gamma: 1000 },
  rmsprop: { norm: 'l1', factor: () => 1 / Math.sqrt(1 - rmspropDecay), eta: 1e-3, gamma: 1000 },
  lion: { norm: 'l1', factor: () => 1, eta: 1e-4, gamma: 1000 },
  muon: { norm: 'nuclear', factor: () => 1, eta: 1e-3, gamma: 1000 },
} as const satisfies Record<string, FirstStep>;

export type FirstStepName = keyof typeof firstSteps;
export const firstStepNames = Object.keys(firstSteps) as FirstStepName[];
