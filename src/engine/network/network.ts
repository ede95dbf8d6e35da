/** Converts a topology to a pure function (params, inputs) -> outputs. */
import { AppError } from '../../errors.ts';
import type { InputLayerConfig } from '../../topology/layers/input-layer.ts';
import { isGraphLayer } from '../../topology/operation-graph/build.ts';
import type { Layer, Node, Param, Topology } from '../../topology/topology.ts';
import { asRunError } from '../graph/run-error.ts';
import { type Tensor, tf } from '../tf.ts';
import { findForward } from './find-forward.ts';
import type { ForwardContext, LayerForward, StatisticObserver, Weight } from './layer-forward.ts';

export interface Network {
  readonly topology: Topology;
  /** Every parameter in the framework's order, statistics included. */
  readonly params: readonly Param[];
  /** The trainable parameters, which enter norms and steps. */
  readonly trainable: readonly Param[];
  /**
   * @param weights one per parameter that `mode` needs (moving statistics only for 'moving'), by name
   * @param inputs one tensor [n, ...] for each input of the topology
   * @param observe for training: is told what the moving statistics follow; `weights` must hold them
   * @returns the model's outputs [n, ...], then the masks of those that have one (`topology.outputMasks`), as ids or numbers of 0 and 1. A frozen batch normalisation runs on its moving statistics in every mode, as in Keras.
   */
  forward(
    weights: ReadonlyMap<string, Weight>,
    inputs: readonly Tensor[],
    mode: ForwardContext['batchNorm'],
    observe?: StatisticObserver,
  ): Tensor[];
}

/** The weights of one layer by key; a missing one is a bug of the caller and is named. */
function weightsOf(layer: Layer, weights: ReadonlyMap<string, Weight>): Record<string, Weight> {
  const found: Record<string, Weight> = {};
  for (const { key, name } of layer.params) {
    const weight = weights.get(name);
    if (weight) found[key] = weight;
  }
  return found;
}

/** The call argument `training` overrides the mode of the run; a frozen layer never uses batch statistics. */
function batchNormOf(layer: Layer, { call }: Node, mode: ForwardContext['batchNorm']): ForwardContext['batchNorm'] {
  if (!layer.trainable || call.training === false) return 'moving';
  return call.training === true ? 'batch' : mode;
}

/** Converts to a dtype, as the frameworks do: inputs to the declared one, and integers to floats where a layer computes with them. */
const asDtype = (x: Tensor, dtype: 'float32' | 'int32'): Tensor => (x.dtype === dtype ? x : tf.cast(x, dtype));

/** True for layers that read integers without conversion. */
const takesIds = (layer: Layer) => layer.className === 'Embedding' || isGraphLayer(layer);

/** Creates the pure function. Throws LAYER_UNKNOWN for a class without a forward function. */
export function createNetwork(topology: Topology): Network {
  const applied = new Set(topology.nodes.map((node) => node.layer));
  const forwards = topology.layers.map((layer, position) => {
    if (!applied.has(position)) return null;
    const forward = findForward(layer.className);
    if (forward) return forward;
    throw new AppError('LAYER_UNKNOWN', `layer "${layer.name}": the engine cannot run the class ${layer.className}`);
  });
  const params = topology.layers.flatMap((layer) => layer.params);
  return {
    topology,
    params,
    trainable: params.filter((param) => param.group !== 'none'),
    forward(weights, inputs, batchNorm, observe) {
      const results: Tensor[] = [];
      const further = new Map<number, readonly Tensor[]>();
      const resultOf = (id: number) => results[id] as Tensor;
      for (const node of topology.nodes) {
        const position = topology.inputs.indexOf(node.id);
        if (position >= 0) {
          const { config } = topology.layers[node.layer] as Layer;
          const { isBoolean } = config as InputLayerConfig;
          const given = inputs[position] as Tensor;
          const input = isBoolean ? tf.cast(tf.notEqual(given, 0), 'int32') : given;
          results.push(asDtype(input, topology.inputDtypes[position] ?? 'float32'));
          continue;
        }
        if (node.of) {
          results.push(further.get(node.of.node)?.[node.of.output - 1] as Tensor);
          continue;
        }
        const layer = topology.layers[node.layer] as Layer;
        const forward = forwards[node.layer] as LayerForward;
        const given = node.inputs.map(resultOf);
        const args = takesIds(layer) ? given : given.map((arg) => asDtype(arg, 'float32'));
        const [first, ...others] = inLayer(layer, () => {
          let emitted: readonly Tensor[] = [];
          const output = forward(layer.config as never, args, weightsOf(layer, weights), {
            batchNorm: batchNormOf(layer, node, batchNorm),
            call: node.call,
            masks: node.masks?.map((id) => (id === null ? null : resultOf(id))),
            emit: (outputs) => {
              emitted = outputs;
            },
            observe,
            weights,
          });
          return [output, ...emitted];
        });
        results.push(first as Tensor);
        further.set(node.id, others);
      }
      const masks = (topology.outputMasks ?? []).filter((id) => id !== null);
      return [...topology.outputs, ...masks].map(resultOf);
    },
  };
}

/** Runs a layer, and adds its name to errors of TensorFlow. */
function inLayer(layer: Layer, forward: () => Tensor[]): Tensor[] {
  try {
    return tf.tidy(forward);
  } catch (cause) {
    throw asRunError(`layer "${layer.name}" (${layer.className})`, cause);
  }
}
