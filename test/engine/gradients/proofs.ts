/** All proofs. A kernel added to the registry costs a row in one of these tables. */

import { constantProofs } from './proofs/constant.ts';
import { elementwiseProofs } from './proofs/elementwise.ts';
import { shapeProofs } from './proofs/shapes.ts';
import { windowProofs } from './proofs/windows.ts';
import type { Proof } from './prove.ts';

export const proofs: readonly Proof[] = [...elementwiseProofs, ...shapeProofs, ...windowProofs, ...constantProofs];
