/** The catalogue of operations. One more: one entry in the file of its family here, one forward function in src/engine/network/operations, one row of its test. */
import type { LayerSpec } from '../layer-spec.ts';
import { contractions } from './contractions.ts';
import { elementwise } from './elementwise.ts';
import { getItem } from './get-item.ts';
import { layout } from './layout.ts';
import { normalisations } from './normalisations.ts';
import { asLayerSpec, type OperationSpec, operationClass } from './operation-spec.ts';
import { pieces } from './pieces.ts';
import { reductions } from './reductions.ts';

export const operationSpecs = {
  ...elementwise,
  ...reductions,
  ...layout,
  ...pieces,
  get_item: getItem,
  ...contractions,
  ...normalisations,
} as const satisfies Record<string, OperationSpec<unknown>>;

export type OperationName = keyof typeof operationSpecs;

/** What the spec of an operation parses its attributes into. */
export type OperationAttributes<K extends OperationName> = ReturnType<(typeof operationSpecs)[K]['parse']>;

const byClass = new Map<string, LayerSpec<unknown>>(
  Object.entries<OperationSpec<unknown>>(operationSpecs).map(([name, spec]) => [
    operationClass(name),
    asLayerSpec(name, spec) as LayerSpec<unknown>,
  ]),
);

/** The operation of a class `operation:NAME`, as a layer. */
export const findOperationSpec = (className: string): LayerSpec<unknown> | undefined => byClass.get(className);
