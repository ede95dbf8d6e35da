/** The registry of files of operation graphs instead of layers. All are converted to the same JSON (src/topology/operation-graph), and may contain weights. */
import { stat } from 'node:fs/promises';
import type { NDArray } from '../ndarray.ts';
import type { OperationGraph } from '../topology/operation-graph/graph.ts';
import { isOnnxFile } from './onnx/file.ts';
import { readOnnx } from './onnx/read-model.ts';
import { readOnnxWeights } from './onnx/weights.ts';
import { isProgramFile } from './pt2/archive.ts';
import { readProgram } from './pt2/read-program.ts';
import { readProgramWeights } from './pt2/weights.ts';

export interface GraphFileFormat {
  /** One line for catalogues. */
  readonly summary: string;
  /** Whether a regular file is of this format; false for all that cannot be read. */
  isFile(file: string): Promise<boolean>;
  /** Throws MODEL_MALFORMED, MODEL_TOO_LARGE, LAYER_UNKNOWN; messages begin with a verb, for the caller names the file. */
  read(file: string): Promise<OperationGraph>;
  /** The values of parameters and buffers; null where the file holds none. Throws MODEL_MALFORMED, WEIGHTS_MALFORMED. */
  readWeights(file: string): Promise<Map<string, NDArray> | null>;
}

export const graphFormats = {
  pt2: {
    summary: 'torch.export archives: torch.export.save(ep, "model.pt2")',
    isFile: isProgramFile,
    read: readProgram,
    readWeights: readProgramWeights,
  },
  onnx: {
    summary: 'ONNX models of opset 13 and later: torch.onnx.export, tf2onnx, skl2onnx',
    isFile: isOnnxFile,
    read: readOnnx,
    readWeights: readOnnxWeights,
  },
} as const satisfies Record<string, GraphFileFormat>;

export type GraphFileName = keyof typeof graphFormats;

/** The format of a file; undefined where it holds no graph. */
export async function graphFormatOf(file: string): Promise<GraphFileFormat | undefined> {
  if (!(await stat(file)).isFile()) return undefined;
  for (const format of Object.values(graphFormats)) if (await format.isFile(file)) return format;
  return undefined;
}

/** A graph as the JSON that stands for it. */
export const graphText = (graph: OperationGraph): string =>
  JSON.stringify({ format: 'operations', version: 1, ...graph });
