/** The forward function of every operation of src/topology/operations. The type checker refuses a missing function or wrong attribute types. */

import type { OperationAttributes, OperationName } from '../../../topology/operations/index.ts';
import { operationClass } from '../../../topology/operations/operation-spec.ts';
import type { LayerForward } from '../layer-forward.ts';
import { contractions } from './contractions.ts';
import { elementwise } from './elementwise.ts';
import { getItem } from './get-item.ts';
import { layout } from './layout.ts';
import { normalisations } from './normalisations.ts';
import { asLayerForward, type OperationForward } from './operation-forward.ts';
import { pieces } from './pieces.ts';
import { reductions } from './reductions.ts';

const operationForwards: { readonly [K in OperationName]: OperationForward<OperationAttributes<K>> } = {
  ...elementwise,
  ...reductions,
  ...layout,
  ...pieces,
  get_item: getItem,
  ...contractions,
  ...normalisations,
};

const byClass = new Map<string, LayerForward>(
  Object.entries<OperationForward>(operationForwards).map(([name, forward]) => [
    operationClass(name),
    asLayerForward(forward),
  ]),
);

/** The forward function of a class `operation:NAME`. */
export const findOperationForward = (className: string): LayerForward | undefined => byClass.get(className);
