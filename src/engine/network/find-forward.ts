/** The one look-up of a forward function: layers, operations between layers, and whole graphs of operations. */
import { graphClass } from '../../topology/operation-graph/build.ts';
import type { LayerForward } from './layer-forward.ts';
import { findLayerForward } from './layers/index.ts';
import { runGraph } from './operation-graph/run-graph.ts';
import { findOperationForward } from './operations/index.ts';

export const findForward = (className: string): LayerForward | undefined =>
  className === graphClass
    ? (runGraph as LayerForward)
    : (findLayerForward(className) ?? findOperationForward(className));
