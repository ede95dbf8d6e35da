/** The registry of operations that graphs may hold. One more: a line in a family, the function of that name in src/engine/network/operation-graph. */
import { readSignatures } from '../signature.ts';
import { activations } from './activations.ts';
import { convolution } from './convolution.ts';
import { creation } from './creation.ts';
import { elementwise } from './elementwise.ts';
import { identities } from './identities.ts';
import { indexing } from './indexing.ts';
import { linearAlgebra } from './linear-algebra.ts';
import { normalization } from './normalization.ts';
import { pooling } from './pooling.ts';
import { recurrent } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { sampling } from './sampling.ts';
import { shapes } from './shapes.ts';

export const families = {
  'linear algebra': linearAlgebra,
  convolution,
  pooling,
  normalization,
  activations,
  elementwise,
  reductions,
  shapes,
  indexing,
  sampling,
  recurrent,
  creation,
  identities,
} as const;

export const signatures = readSignatures(Object.values(families).join('\n'));
