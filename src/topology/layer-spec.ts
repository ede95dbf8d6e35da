/** The specification of a layer class: configuration, parameters and output shape. The engine adds the forward function. */
import type { ConfigReader } from './config-reader.ts';
import type { LayerParam, Shape } from './topology.ts';

/** Arguments of a call that are not plain inputs; see `CallSpec`. */
export type CallArguments = Readonly<Record<string, unknown>>;

/** The arguments that a call may have beyond a list of tensors. Arguments that are not listed are refused. */
export interface CallSpec {
  /** Names of the tensor arguments in order, where there are several: query, value, key. */
  readonly tensors?: readonly string[];
  /**
   * Further tensor arguments, each one tensor or a list. They follow the inputs, and `Node.call` holds their position (or the list of their
   * positions) among the inputs under the argument's name.
   */
  readonly extras?: readonly string[];
  /** Arguments that are not tensors and change the output; `Node.call` holds their values. */
  readonly flags?: readonly string[];
}

export interface LayerSpec<C = never> {
  /** Names of the class in tfjs and Keras; the canonical one is first. */
  readonly classNames: readonly [string, ...string[]];
  readonly call?: CallSpec;
  /** Reads and checks the configuration; every error names the layer and the key. */
  parse(config: ConfigReader): C;
  /** The parameters. Shapes have no batch axis. Throws LAYER_INVALID when the inputs do not fit; `inLayer` (layers/misfit.ts) adds the layer's name. */
  params(config: C, inputs: readonly Shape[], call?: CallArguments): LayerParam[];
  /** Shape of the only or first output, without the batch axis. Throws as `params` does. */
  outputShape(config: C, inputs: readonly Shape[], call?: CallArguments): Shape;
  /** Shapes of the outputs after the first, for layers with several. */
  furtherShapes?(config: C, inputs: readonly Shape[], call?: CallArguments): readonly Shape[];
  /** Path of a parameter inside its layer in the names of Keras 3, where it differs from the key: 'kernel' -> 'lstm_cell/kernel'. */
  keras3Key?(config: C, key: string): string;
  /** Group of a parameter below its layer in weights files of Keras 3, where an inner layer holds it: 'kernel' -> 'cell'. */
  keras3Group?(config: C, key: string): string;
}
