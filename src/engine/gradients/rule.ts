/**
 * Helpers to write a gradient rule: the kernel's name, the INPUTS that are saved, and a function of differentiable operations.
 *
 * Rules never save outputs. A saved output is a copy whose position on the tape precedes the node that produced it, so that the path through it is
 * lost, without an error, when the gradient itself is differentiated. A rule that needs the output recomputes it from the saved input; in a recorded
 * graph TensorFlow merges the two computations.
 */
import { type GradConfig, type NamedTensorMap, type Tensor, tf } from '../tf.ts';

/** One function per differentiable input of the kernel; tfjs calls only those for inputs whose gradient is needed. */
export type Gradients = Readonly<Record<string, () => Tensor>>;

/** The saved inputs, by the names of the kernel's inputs. */
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

/** As `rule`, for kernels whose inputs are a list (AddN, Concat, Pack): all inputs are saved, no outputs. */
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

/** As `rule`, for kernels with several outputs (SplitV, Unpack), each with a cotangent. */
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

/** The zero gradient of an input that affects the output only through constants: a mask, indices, a shape. */
export const noGradient = (input: Tensor) => (): Tensor => tf.fill(input.shape, 0);

/** Runs a kernel with one output through the engine, so that a rule can use kernels without a tfjs function. */
export function runKernel(name: string, inputs: Readonly<Record<string, Tensor>>, attributes: object = {}): Tensor {
  return tf.engine().runKernel(name, inputs as NamedTensorMap, { ...attributes } as TensorFlowAttributes) as Tensor;
}

type TensorFlowAttributes = NonNullable<Parameters<ReturnType<typeof tf.engine>['runKernel']>[2]>;
