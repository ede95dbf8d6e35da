/** Looks up the specification of a class among layers and operations. */
import type { LayerSpec } from './layer-spec.ts';
import { findLayerSpec } from './layers/index.ts';
import { findOperationSpec } from './operations/index.ts';

export const findSpec = (className: string): LayerSpec<unknown> | undefined =>
  findLayerSpec(className) ?? findOperationSpec(className);
