/** The values of parameters and buffers in an ONNX file and the files beside it, by the names of the initializers. */
import type { NDArray } from '../../ndarray.ts';
import { readOnnxFile } from './file.ts';
import { classifyInitializers } from './parameters.ts';
import { graphOfModel } from './read-model.ts';
import { decodeTensor, loadExternal } from './tensors.ts';

/** Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
export async function readOnnxWeights(file: string): Promise<Map<string, NDArray>> {
  const model = await readOnnxFile(file);
  const graph = graphOfModel(model);
  const kinds = classifyInitializers(model, graph);
  const state = graph.initializers.filter(({ name }) => kinds.get(name) !== 'constant');
  await loadExternal(file, state);
  return new Map(state.map((tensor) => [tensor.name, decodeTensor(tensor)]));
}
