/**
 * How a gradient rule is written: the kernel's name, the INPUTS it keeps, and a function made of differentiable ops.
 *
 * Rules never keep outputs. A saved output is a copy whose place on the tape precedes the node that made it, so the path through it is lost when the
 * gradient is itself differentiated, without an error. A rule that needs the output computes it again from the saved input; in a recorded graph
 * TensorFlow merges the two computations.
 */
import { type GradConfig, type NamedTensorMap, type Tensor, tf } from '../tf.ts';

/** One function per differentiable input of the kernel; tfjs calls only those whose input matters. */
export type Gradients = Readonly<Record<string, () => Tensor>>;

/** The tensors that a rule kept, by the names of the kernel's inputs. */
export type Saved<Name extends string> = Readonly<Record<Name, Tensor>>;

/**
 * @param kernelName the tfjs kernel
 * @param inputsToSave names of the inputs that `backward` needs
 * @param backward (cotangent of the output, saved inputs, the kernel's attributes) -> cotangents of the inputs
 */
export function rule<Name extends string, Attributes>(
  kernelName: string,
  inputsToSave: readonly Name[],
  backward: (dy: Tensor, saved: Saved<Name>, attributes: Attributes) => Gradients,
): GradConfig {
  return {
    kernelName,
    inputsToSave: [...inputsToSave],
    gradFunc: (dy, saved, attributes) => {
      const named = Object.fromEntries(inputsToSave.map((name, index) => [name, saved[index]])) as Saved<Name>;
      return backward(dy as Tensor, named, attributes as Attributes);
    },
  };
}

/** As `rule`, for kernels whose inputs are a list (AddN, Concat, Pack): all inputs are kept, none of the outputs. */
export function listRule<Attributes>(
  kernelName: string,
  backward: (dy: Tensor, inputs: readonly Tensor[], attributes: Attributes) => readonly (() => Tensor)[],
): GradConfig {
  return {
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) =>
      Object.fromEntries(backward(dy as Tensor, saved, attributes as Attributes).entries()),
  };
}

/** As `rule`, for kernels with several outputs (SplitV, Unpack), one cotangent each. */
export function outputsRule<Attributes>(
  kernelName: string,
  backward: (dys: readonly Tensor[], attributes: Attributes) => Gradients,
): GradConfig {
  return {
    kernelName,
    inputsToSave: [],
    gradFunc: (dys, _, attributes) => backward(Array.isArray(dys) ? dys : [dys], attributes as Attributes),
  };
}

/** The gradient of an input on which the output depends through constants alone: a mask, indices, a shape. */
export const noGradient = (input: Tensor) => (): Tensor => tf.fill(input.shape, 0);

/** Runs a kernel with one output through the engine, so that a rule can name another rule's kernel. */
export function runKernel(name: string, inputs: Readonly<Record<string, Tensor>>, attributes: object = {}): Tensor {
  return tf.engine().runKernel(name, inputs as NamedTensorMap, { ...attributes } as TensorFlowAttributes) as Tensor;
}

type TensorFlowAttributes = NonNullable<Parameters<ReturnType<typeof tf.engine>['runKernel']>[2]>;
