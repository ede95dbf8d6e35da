/** The network in the form of a `.keras` file: the posted configuration, and the path of each parameter in the weights file. */
import { AppError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ParsedModel } from './index.ts';

export interface KerasForm {
  /** The content of config.json. */
  readonly config: JsonObject;
  /** Parameter name -> path in model.weights.h5. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Throws ARTIFACT_UNSUPPORTED for a topology that Keras 3 did not write. */
export function toKerasForm({ topology, format, source }: ParsedModel): KerasForm {
  if (format !== 'keras3')
    throw new AppError(
      'ARTIFACT_UNSUPPORTED',
      `the artifact format keras needs a topology that Keras 3 wrote, this one is of ${format}; ask for safetensors, which the loader of clients/python puts into any Keras model`,
    );
  const params = topology.layers.flatMap((layer) => layer.params);
  return { config: source, paths: new Map(params.map(({ name, stored = name }) => [name, stored])) };
}
