/** Registration of kernels that tfjs lacks: one operation of TensorFlow, or the same from tfjs ops on other backends. */
import { attributeTypes, dataTypes, type OpAttribute, tensorFlowBackend } from '../../graph/binding.ts';
import { type Tensor, tf } from '../../tf.ts';

/** A kernel's computation; nothing that runs inside is seen by the gradient tape. */
export type KernelBody<Name extends string, Attributes> = (
  inputs: Readonly<Record<Name, Tensor>>,
  attributes: Attributes,
) => Tensor;

export interface OwnKernel<Name extends string, Attributes> {
  readonly kernelName: string;
  /** Run on the TensorFlow backend. */
  readonly tensorflow: KernelBody<Name, Attributes>;
  /** Run on tfjs' plain JavaScript backend. Left out where tfjs' own kernel stays or none can be given. */
  readonly composed?: KernelBody<Name, Attributes>;
}

/** Registers the kernel, replacing the kernel of that name in tfjs on the backends that it is for. */
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
