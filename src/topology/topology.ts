/**
 * The project's own form of a network: what every topology format is parsed into, what the engine runs and what artifacts are written from.
 *
 * Pure data, no TensorFlow: the API can check shapes, count parameters and estimate memory without loading it.
 */

import type { JsonObject } from '../json.ts';
import type { Initializer } from './initializers.ts';

/** Without the batch axis unless said; `null` is an extent that only the data decides. */
export type Shape = readonly (number | null)[];

/** 'weight' and 'bias' are the two groups of the published code (lower bounds min_scale and 0); 'none' is not trained. */
export type ParamGroup = 'weight' | 'bias' | 'none';

/** One parameter tensor as a layer declares it. */
export interface LayerParam {
  /** Name inside the layer: 'kernel', 'bias', 'query/kernel', 'forward_lstm/kernel' ... */
  readonly key: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly group: ParamGroup;
  /** Present for kernels of PyTorch, [out, in, ...space]: the number of matrices below one another in the first axis (gates, groups). */
  readonly outputFirst?: { readonly blocks: number };
}

/** How a framework that saves more than names and floats keeps a tensor. */
export interface SavedTensor {
  /** Further names of the same tensor. */
  readonly aliases: readonly string[];
  /** A type of safetensors: 'F32', 'BF16', 'I64' ... */
  readonly dtype: string;
  /** State that no training moves. */
  readonly isBuffer: boolean;
}

/** One parameter tensor of the network. */
export interface Param extends LayerParam {
  /** The name that the framework gave it, unique in the topology, e.g. `conv2d_1/kernel`. */
  readonly name: string;
  readonly layer: string;
  /** Present where the model came from a state_dict. */
  readonly saved?: SavedTensor;
  /** Where the weights files of Keras 3 hold it: 'layers/dense/vars/0'. Absent for parameters that a method adds. */
  readonly stored?: string;
}

/** Something of a topology that a run does not act on. */
export interface Notice {
  readonly layer: string;
  readonly message: string;
}

/** A layer as it was posted, for those who write it out again. */
export interface LayerSource {
  /** What the names of its parameters start with; unique in the topology. */
  readonly scope: string;
  readonly className: string;
  readonly config: JsonObject;
}

/** A layer: one configuration and one set of parameters, used by one node or (shared) by several. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  /** As parsed by the LayerSpec of `className`; its type is the spec's. */
  readonly config: unknown;
  readonly params: readonly Param[];
  readonly trainable: boolean;
  /** For layers that no node applies (modules of an operation graph): what they give, for summaries. */
  readonly outputShape?: Shape;
  /** Absent for layers that no topology was parsed for. */
  readonly source?: LayerSource;
}

/** One application of a layer, or one further output of it. */
export interface Node {
  /** Position in `Topology.nodes`; inputs always have smaller ids. */
  readonly id: number;
  /** Position in `Topology.layers`. */
  readonly layer: number;
  /** Ids of the nodes that feed it, in call order. */
  readonly inputs: readonly number[];
  /** Call-time arguments that are not plain inputs (for example use_causal_mask of attention). */
  readonly call: Readonly<Record<string, unknown>>;
  /** Ids of the nodes that mask the inputs, one entry for each; absent where no input is masked. A mask is 1 where a step counts, else 0. */
  readonly masks?: readonly (number | null)[];
  /** Present for an output after the first: the node is output `output` of the application that node `node` is. */
  readonly of?: { readonly node: number; readonly output: number };
  /** Output shape without the batch axis. */
  readonly shape: Shape;
}

export interface Topology {
  readonly name: string;
  readonly layers: readonly Layer[];
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Node ids of the InputLayers, in the order of the model's inputs. */
  readonly inputs: readonly number[];
  readonly inputDtypes: readonly ('float32' | 'int32')[];
  /** Node ids of the outputs, in the order of the model's. */
  readonly outputs: readonly number[];
  /** Elements of one sample that are no outputs of nodes: the values inside of an operation graph. */
  readonly innerElements?: number;
  /** What the topology asks for and a run leaves aside without a change of the outputs; for reports. */
  readonly notices?: readonly Notice[];
}

/** The layer that node `id` applies. */
export const layerAt = ({ layers, nodes }: Topology, id: number): Layer => layers[(nodes[id] as Node).layer] as Layer;
