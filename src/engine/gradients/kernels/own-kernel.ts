/** Registers kernels that tfjs lacks, as one operation of TensorFlow, or as a composition of tfjs operations on other backends. */
import { attributeTypes, dataTypes, type OpAttribute, tensorFlowBackend } from '../../graph/binding.ts';
import { type Tensor, tf } from '../../tf.ts';

/** The computation of a kernel; the gradient tape does not record the operations inside. */
export type KernelBody<Name extends string, Attributes> = (
  inputs: Readonly<Record<Name, Tensor>>,
  attributes: Attributes,
) => Tensor;

export interface OwnKernel<Name extends string, Attributes> {
  readonly kernelName: string;
  /** The computation on the TensorFlow backend. */
  readonly tensorflow: KernelBody<Name, Attributes>;
  /** The computation on the JavaScript backend of tfjs. Absent where the kernel of tfjs is kept or where none is possible. */
  readonly composed?: KernelBody<Name, Attributes>;
}

/** Registers the kernel on its backends, where it replaces a kernel of the same name. */
export function installKernel<Name extends string, Attributes>(kernel: OwnKernel<Name, Attributes>): void {
  const bodies = { tensorflow: kernel.tensorflow, cpu: kernel.composed };
  for (const [backendName, body] of Object.entries(bodies)) {
    if (!body) continue;
    const { kernelName } = kernel;
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => body(inputs as Readonly<Record<Name, Tensor>>, (attrs ?? {}) as Attributes)),
    });
  }
}

/** Attributes of TensorFlow operations by type. */
export const attribute = {
  dtype: (name: string, tensor: Tensor): OpAttribute => ({
    name,
    type: attributeTypes.type,
    value: dataTypes[tensor.dtype as keyof typeof dataTypes],
  }),
  type: (name: string, dtype: keyof typeof dataTypes): OpAttribute => ({
    name,
    type: attributeTypes.type,
    value: dataTypes[dtype],
  }),
  int: (name: string, value: number | readonly number[]): OpAttribute => ({ name, type: attributeTypes.int, value }),
  float: (name: string, value: number): OpAttribute => ({ name, type: attributeTypes.float, value }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: attributeTypes.bool, value }),
  string: (name: string, value: string): OpAttribute => ({ name, type: attributeTypes.string, value }),
};

/** Runs one TensorFlow operation with one output. */
export function runOperation(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor {
  return tensorFlowBackend().executeSingleOutput(name, attributes, inputs);
}
