/** What the parsers of src/models produce and `buildTopology` resolves: a container of layers with references by name, nothing checked beyond its form. */
import type { JsonObject } from '../json.ts';

/** One output of one call of a layer, both counted from 0. */
export interface RawRef {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

/** One application of a layer. */
export interface RawCall {
  /** The tensors it gets, in the order of the layer's own arguments. */
  readonly inputs: readonly RawRef[];
  /** Arguments that are not plain inputs, in snake_case; see `CallSpec`. */
  readonly call: Readonly<Record<string, unknown>>;
  /** The masks that the call passes, one entry for each input; absent where it passes none. */
  readonly masks?: readonly (RawRef | null)[];
}

export interface RawLayer {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  /** JSON pointer of the configuration in the posted topology. */
  readonly pointer: string;
  /** What the names of its parameters start with: the layer's name, or what the framework puts before it too. */
  readonly scope: string;
  /** Empty for an InputLayer. */
  readonly calls: readonly RawCall[];
  /** The layer is a model itself. */
  readonly model?: RawModel;
}

/** A functional container; the parsers write Sequential models as chains. */
export interface RawModel {
  readonly name: string;
  readonly layers: readonly RawLayer[];
  readonly inputs: readonly RawRef[];
  readonly outputs: readonly RawRef[];
  readonly trainable: boolean;
  /** JSON pointer of the container in the posted topology. */
  readonly pointer: string;
}

/** Who names the parameters: tfjs `lstm/kernel`, Keras 3 `lstm/lstm_cell/kernel`. */
export type NamingStyle = 'tfjs-layers' | 'keras3';
