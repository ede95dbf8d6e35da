/** The part of tfjs-node's native binding that recording and replaying use. No other module accesses the binding for that. */
import { AppError } from '../../errors.ts';
import { type Tensor, tf } from '../tf.ts';

export interface OutputMetadata {
  id: number;
  shape: number[];
  /** TensorFlow's DataType number. */
  dtype: number;
}

export interface OpAttribute {
  name: string;
  /** TF_AttrType of the binding: 0 string, 1 int, 2 float, 3 bool, 4 type, 5 shape. */
  type: number;
  value: unknown;
}

export type TypedArray = Float32Array | Int32Array | Uint8Array;

export interface TensorFlowBinding {
  createTensor(shape: number[], dtype: number, values: TypedArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TypedArray;
  executeOp(name: string, attributes: OpAttribute[], inputIds: number[], outputs: number): OutputMetadata[];
  getNumOfSavedModels(): number;
  getNumOfTensors(): number;
  readonly TF_Version: string;
}

export interface TensorFlowBackend {
  readonly isUsingGpuDevice: boolean;
  binding: TensorFlowBinding;
  tensorMap: { get(dataId: object): { id: number; shape: number[]; dtype: number; values: unknown } };
  createOutputTensor(metadata: OutputMetadata): Tensor;
  getInputTensorIds(tensors: Tensor[]): number[];
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[];
  loadSavedModelMetaGraph(folder: string, tags: string): number;
  runSavedModel(id: number, inputs: Tensor[], infos: { name: string }[], outputs: string[]): Tensor[];
  deleteSavedModel(id: number): void;
}

/** TensorFlow's DataType numbers of the dtypes that tfjs knows. */
export const dataTypes = { float32: 1, int32: 3, bool: 10 } as const;
/** TF_AttrType numbers. */
export const attributeTypes = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** True when kernels run in libtensorflow; other backends of tfjs have no binding to record. */
export function hasTensorFlowBackend(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** The running TensorFlow backend. Throws BACKEND_UNAVAILABLE on any other. */
export function tensorFlowBackend(): TensorFlowBackend {
  if (!hasTensorFlowBackend()) {
    throw new AppError(
      'BACKEND_UNAVAILABLE',
      `the ${tf.getBackend()} backend has no TensorFlow binding; run "npm run setup"`,
    );
  }
  // tfjs does not export the type of its Node backend; the interface above is that of version 4.22, which is pinned.
  return tf.backend() as unknown as TensorFlowBackend;
}
