/** What an artifact format is. One format per file in this folder; ./index.ts is the registry. */

import type { Json, JsonObject } from '../json.ts';
import type { NDArray } from '../ndarray.ts';
import type { SavedTensor } from '../topology/topology.ts';

export type { Json, JsonObject };

/** What a run leaves behind. */
export interface ArtifactContent {
  /** tfjs-layers JSON of the network, `{ class_name, config }` as `model.toJSON(null, false)` gives it; absent when it has no such form. */
  readonly topologyJson?: JsonObject;
  /** Keyed by the names that the framework gave them, in the order of its `model.weights`. Moving statistics included. */
  readonly weights: ReadonlyMap<string, NDArray<'float32'>>;
  /** The names under which tfjs-layers looks for weights whose own name differs (Keras 3 prefixes a model's name, say). */
  readonly tfjsNames?: ReadonlyMap<string, string>;
  /** What Keras 3 wrote, and where its weights file holds each parameter; absent when the network has no such form. */
  readonly keras?: { readonly config: JsonObject; readonly paths: ReadonlyMap<string, string> };
  /** How a framework that saves a state_dict keeps each weight; absent for models that have none. */
  readonly state?: readonly (SavedTensor & { readonly name: string })[];
  /** What the class ids of the data mean; null for values to regress, left out for runs without data. */
  readonly classes?: ClassList | null;
  /** Spec, versions, seed, history, scales. */
  readonly report: JsonObject;
}

/** classes.json. */
export interface ClassList {
  /** The column or array of the labels. */
  readonly target: string;
  /** Names by class id. */
  readonly classes: readonly string[];
}

/** How much of a file formats are recognised by. */
export const startBytes = 8;

export interface ArtifactFormat {
  readonly name: string;
  readonly summary: string;
  /** The file that one opens, relative to the artifact folder. */
  readonly entry: string;
  /** Media types of its files, by their extension. */
  readonly mediaTypes: Readonly<Record<string, string>>;
  /** Which form of the network `write` needs: `content.topologyJson`, `content.keras`, `content.state` or none. */
  readonly form: 'none' | 'tfjs-layers' | 'keras' | 'state-dict';
  /**
   * Writes the files of this format into `folder`, which exists. Equal content gives equal bytes; the weights
   * keep their order where the format has one.
   *
   * @throws ARTIFACT_UNSUPPORTED when the content cannot be expressed in the format
   */
  write(folder: string, content: ArtifactContent): Promise<void>;
  /** Whether a file that begins with these bytes (`startBytes` of them, fewer of a short file) is the entry of this format, whatever it is called. */
  recognise(start: Uint8Array): boolean;
  /**
   * The weights of the entry `file`; other files of the format lie beside it. Null where the file is of another format that begins alike.
   *
   * @throws WEIGHTS_NOT_FOUND; WEIGHTS_MALFORMED naming the file and the tensor
   */
  read(file: string): Promise<Map<string, NDArray> | null>;
}
