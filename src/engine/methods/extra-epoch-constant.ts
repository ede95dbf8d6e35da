/**
 * Kaiming and one extra epoch at the constant base rate (./extra-epoch.ts).
 *
 * Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098: the row "+ 1 epoch (Const. LR)" of its comparison.
 */
import { defineExtraEpoch } from './extra-epoch.ts';

export const extraEpochConstant = defineExtraEpoch(
  'extra-epoch-constant',
  'Kaiming (or the given weights) and one epoch of SGD or Adam at a constant rate.',
  false,
);
