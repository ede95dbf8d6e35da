/** The one look-up of a forward function: layers and operations. */
import type { LayerForward } from './layer-forward.ts';
import { findLayerForward } from './layers/index.ts';
import { findOperationForward } from './operations/index.ts';

export const findForward = (className: string): LayerForward | undefined =>
  findLayerForward(className) ?? findOperationForward(className);
