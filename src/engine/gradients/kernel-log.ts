/** Records the kernels that a computation uses, so that a network whose gradient needs an untested rule is refused before it runs. */
import { AppError } from '../../errors.ts';
import { tf } from '../tf.ts';
import { provenOrderOf } from './index.ts';

/** The kernel name of `tf.customGrad`, which hides the operations inside it, so that its second derivative cannot be checked. */
export const customGradient = 'CustomGradient';

interface KernelCall {
  readonly kernelName?: string;
  readonly inputs: object;
}

/** The members of tfjs' engine through which every kernel passes; their types are not exported by tfjs 4.22, which is pinned. */
interface EngineInside {
  runKernelFunc?(call: KernelCall): unknown;
  readonly state: { readonly kernelDepth: number };
}

/** Kernels without tensor inputs (Fill, Range) create constants and need no rule. */
const hasInputs = ({ inputs }: KernelCall) => Object.keys(inputs).length > 0;

/**
 * Runs `computation` and lists the kernels with tensor inputs that it uses. Kernels inside gradient functions are included, kernels that another
 * kernel runs internally are not. All tensors that the computation creates are disposed.
 *
 * @returns the names in order of first use
 */
export function kernelsOf(computation: () => unknown): readonly string[] {
  const engine = tf.engine() as unknown as EngineInside;
  const names = new Set<string>();
  const run = engine.runKernelFunc as (call: KernelCall) => unknown;
  engine.runKernelFunc = (call) => {
    if (engine.state.kernelDepth === 0 && hasInputs(call)) names.add(call.kernelName ?? customGradient);
    return run.call(engine, call);
  };
  try {
    tf.tidy(() => {
      computation();
    });
  } finally {
    // Deleting the own property restores the method of the prototype.
    delete engine.runKernelFunc;
  }
  return [...names];
}

/**
 * Throws GRADIENT_UNPROVEN for the first kernel whose rule is not tested to `order`.
 *
 * @param kernels the result of `kernelsOf` for the layer's forward pass and first-order gradient
 * @param layer the name of the layer for the error
 * @param order how many times the network will be differentiated: 2 for GradInit, 3 for MetaInit
 */
export function assertProven(kernels: Iterable<string>, layer: string, order = 2): void {
  for (const kernel of kernels) {
    const proven = provenOrderOf(kernel);
    if (proven >= order) continue;
    const state = proven === 0 ? 'has no proven gradient rule' : `is proven to order ${proven} only`;
    throw new AppError(
      'GRADIENT_UNPROVEN',
      `layer "${layer}" needs the kernel ${kernel}, which ${state} (order ${order} is needed); remove or replace the layer`,
      {
        details: { kernel, layer, order },
      },
    );
  }
}
