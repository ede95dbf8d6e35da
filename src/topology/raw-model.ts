/**
 * The output of the parsers in src/models, which `buildTopology` resolves: a container of layers with references by name, of which only the form has
 * been checked.
 */
import type { JsonObject } from '../json.ts';

/** One output of one call of a layer; calls and outputs are counted from 0. */
export interface RawRef {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

/** One application of a layer. */
export interface RawCall {
  /** The input tensors, in the order of the layer's arguments. */
  readonly inputs: readonly RawRef[];
  /** Arguments that are not plain inputs, in snake_case; see `CallSpec`. */
  readonly call: Readonly<Record<string, unknown>>;
  /** The masks that the call passes, one entry per input; absent where it passes none. */
  readonly masks?: readonly (RawRef | null)[];
}

export interface RawLayer {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  /** JSON pointer of the configuration in the posted topology. */
  readonly pointer: string;
  /** Prefix of the names of its parameters: the layer's name, with a prefix where the framework adds one. */
  readonly scope: string;
  /** Empty for an InputLayer. */
  readonly calls: readonly RawCall[];
  /** Set when the layer is a nested model. */
  readonly model?: RawModel;
}

/** A functional container; parsers convert Sequential models to chains. */
export interface RawModel {
  readonly name: string;
  readonly layers: readonly RawLayer[];
  readonly inputs: readonly RawRef[];
  readonly outputs: readonly RawRef[];
  readonly trainable: boolean;
  /** JSON pointer of the container in the posted topology. */
  readonly pointer: string;
}

/** The framework whose rules name the parameters: tfjs `lstm/kernel`, Keras 3 `lstm/lstm_cell/kernel`. */
export type NamingStyle = 'tfjs-layers' | 'keras3';
