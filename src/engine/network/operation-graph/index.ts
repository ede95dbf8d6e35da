/** The registry of what operations compute. Its names are those of src/topology/operation-graph/signatures; a test holds them equal. */
import { activations } from './activations.ts';
import type { Operation } from './arguments.ts';
import { convolution } from './convolution.ts';
import { creation } from './creation.ts';
import { elementwise } from './elementwise.ts';
import { grids } from './grid.ts';
import { identities } from './identities.ts';
import { indexing } from './indexing.ts';
import { joins } from './joins.ts';
import { linearAlgebra } from './linear-algebra.ts';
import { logic } from './logic.ts';
import { matrices } from './matrices.ts';
import { normalization } from './normalization.ts';
import { padding } from './padding.ts';
import { pooling } from './pooling.ts';
import { recurrentOperations } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { sampling } from './sampling.ts';
import { scans } from './scans.ts';
import { scatters } from './scatter.ts';
import { views } from './views.ts';

export const graphOperations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ...linearAlgebra,
    ...convolution,
    ...pooling,
    ...normalization,
    ...activations,
    ...elementwise,
    ...logic,
    ...reductions,
    ...scans,
    ...views,
    ...joins,
    ...padding,
    ...matrices,
    ...indexing,
    ...scatters,
    ...sampling,
    ...grids,
    ...recurrentOperations,
    ...creation,
    ...identities,
  }),
);
