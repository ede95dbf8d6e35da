/** What an artifact format is. One format per file in this folder; ./index.ts is the registry. */

import type { Json, JsonObject } from '../json.ts';
import type { NDArray } from '../ndarray.ts';
import type { SavedTensor } from '../topology/topology.ts';

export type { Json, JsonObject };

/** The result of a run, from which every format writes its files. */
export interface ArtifactContent {
  /** tfjs-layers JSON of the network, `{ class_name, config }` as `model.toJSON(null, false)` returns it; absent when the network cannot be expressed in it. */
  readonly topologyJson?: JsonObject;
  /** Keyed by the names that the framework gave the parameters, in the order of its `model.weights`; moving statistics are included. */
  readonly weights: ReadonlyMap<string, NDArray<'float32'>>;
  /** The names under which tfjs-layers looks for weights whose own name differs (for example where Keras 3 puts the model's name in front). */
  readonly tfjsNames?: ReadonlyMap<string, string>;
  /** The configuration that Keras 3 wrote, and the path of each parameter in its weights file; absent for models that Keras 3 did not write. */
  readonly keras?: { readonly config: JsonObject; readonly paths: ReadonlyMap<string, string> };
  /** How the state_dict of the framework stores each weight (dtype, further names, buffer or not); absent for models without a state_dict. */
  readonly state?: readonly (SavedTensor & { readonly name: string })[];
  /** Names of the class ids; null for regression targets, absent for runs without data. */
  readonly classes?: ClassList | null;
  /** The content of report.json: specification, versions, seed, history, scales. */
  readonly report: JsonObject;
}

/** The content of classes.json. */
export interface ClassList {
  /** The column or array that holds the labels. */
  readonly target: string;
  /** Names of the classes; the index is the class id. */
  readonly classes: readonly string[];
}

/** Number of bytes at the beginning of a file by which its format is recognised. */
export const startBytes = 8;

/** One artifact format: how its files are recognised, written and read. */
export interface ArtifactFormat {
  readonly name: string;
  readonly summary: string;
  /** The file that a user opens, relative to the artifact folder. */
  readonly entry: string;
  /** Media types of the format's files, by file extension. */
  readonly mediaTypes: Readonly<Record<string, string>>;
  /** The form of the network that `write` needs: `content.topologyJson`, `content.keras`, `content.state`, or none of them. */
  readonly form: 'none' | 'tfjs-layers' | 'keras' | 'state-dict';
  /**
   * Writes the files of this format into `folder`, which exists. Equal content gives equal bytes; weights are written in the order of
   * `content.weights` where the format has an order.
   *
   * @throws ARTIFACT_UNSUPPORTED when the content cannot be expressed in the format
   */
  write(folder: string, content: ArtifactContent): Promise<void>;
  /** True when a file that begins with `start` (`startBytes` bytes, or fewer of a shorter file) is an entry of this format. The file name is not used. */
  recognise(start: Uint8Array): boolean;
  /**
   * The weights in the entry `file`; the other files of the format lie beside it. Null where the file belongs to another format that begins with the
   * same bytes.
   *
   * @throws WEIGHTS_NOT_FOUND; WEIGHTS_MALFORMED naming the file and the tensor
   */
  read(file: string): Promise<Map<string, NDArray> | null>;
}
