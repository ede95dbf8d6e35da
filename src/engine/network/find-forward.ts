/** Looks up the forward function of a class: layers, operations between layers, and whole operation graphs. */
import { graphClass } from '../../topology/operation-graph/build.ts';
import type { LayerForward } from './layer-forward.ts';
import { findLayerForward } from './layers/index.ts';
import { runGraph } from './operation-graph/run-graph.ts';
import { findOperationForward } from './operations/index.ts';

export const findForward = (className: string): LayerForward | undefined =>
  className === graphClass
    ? (runGraph as LayerForward)
    : (findLayerForward(className) ?? findOperationForward(className));
