/** What the catalogue knows of a layer class: its configuration, its parameters and its output shape. The engine adds the forward function. */
import type { ConfigReader } from './config-reader.ts';
import type { LayerParam, Shape } from './topology.ts';

/** Arguments of one call that are not plain inputs; see `CallSpec`. */
export type CallArguments = Readonly<Record<string, unknown>>;

/** How a layer may be called beyond a list of tensors. What is not named here is refused where a topology passes it. */
export interface CallSpec {
  /** Names of the tensor arguments in order, where there are several: query, value, key. */
  readonly tensors?: readonly string[];
  /**
   * Further tensor arguments, each one tensor or a list. They follow the inputs, and `Node.call` holds their position (or the list of their
   * positions) among the inputs under the argument's name.
   */
  readonly extras?: readonly string[];
  /** Arguments that are no tensors and change what the layer computes: `Node.call` holds their values. */
  readonly flags?: readonly string[];
}

export interface LayerSpec<C = never> {
  /** Names under which tfjs and Keras write it, the canonical one first. */
  readonly classNames: readonly [string, ...string[]];
  readonly call?: CallSpec;
  /** Reads and checks the configuration; every error names the layer and the key. */
  parse(config: ConfigReader): C;
  /** Shapes are without the batch axis. Throws LAYER_INVALID when the inputs do not fit; `inLayer` (layers/misfit.ts) adds the layer's name. */
  params(config: C, inputs: readonly Shape[], call?: CallArguments): LayerParam[];
  /** Of the only or first output. Shapes are without the batch axis. Throws as `params` does. */
  outputShape(config: C, inputs: readonly Shape[], call?: CallArguments): Shape;
  /** Of the outputs after the first, for layers that have more than one. */
  furtherShapes?(config: C, inputs: readonly Shape[], call?: CallArguments): readonly Shape[];
  /** The path of a parameter inside its layer as Keras 3 writes it, where that differs from the key: 'kernel' -> 'lstm_cell/kernel'. */
  keras3Key?(config: C, key: string): string;
  /** The group of a parameter below its layer in the weights files of Keras 3, where another layer inside holds it: 'kernel' -> 'cell'. */
  keras3Group?(config: C, key: string): string;
}
