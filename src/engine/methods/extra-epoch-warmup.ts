/**
 * Kaiming and one extra epoch with the rate rising linearly to the base rate (./extra-epoch.ts).
 *
 * Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098: the row "+ 1 epoch (Warmup)" of its comparison. Warm-up: Goyal et al., Accurate, Large
 * Minibatch SGD. arXiv:1706.02677 (2017).
 */
import { defineExtraEpoch } from './extra-epoch.ts';

export const extraEpochWarmup = defineExtraEpoch(
  'extra-epoch-warmup',
  'Kaiming (or the given weights) and one epoch of SGD or Adam with a linear warm-up.',
  true,
);
