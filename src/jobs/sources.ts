/** Where the references of a specification lead. */
import type { Dataset, DatasetOptions } from '../datasets/index.ts';
import type { NDArray } from '../ndarray.ts';

export interface Sources {
  openDataset(ref: string, options: DatasetOptions | undefined): Promise<Dataset>;
  readWeights(ref: string): Promise<Map<string, NDArray>>;
  /** The JSON text of an uploaded topology. */
  readModel(ref: string): Promise<unknown>;
  /** The values that the file of a topology holds beside it; null where it holds none. */
  readModelWeights(ref: string): Promise<Map<string, NDArray> | null>;
}
