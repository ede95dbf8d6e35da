/** Which kernels a computation emits, so that a network whose gradient would need an unproven rule is refused before it runs. */
import { AppError } from '../../errors.ts';
import { tf } from '../tf.ts';
import { provenOrderOf } from './index.ts';

/** What `tf.customGrad` shows up as: it hides the ops inside it, so nothing can be said of its second order. */
export const customGradient = 'CustomGradient';

interface KernelCall {
  readonly kernelName?: string;
  readonly inputs: object;
}

/** The members of tfjs' engine that every kernel passes through; tfjs 4.22, pinned, does not export their types. */
interface EngineInside {
  runKernelFunc?(call: KernelCall): unknown;
  readonly state: { readonly kernelDepth: number };
}

/** Kernels without tensor inputs (Fill, Range) start a computation and need no rule. */
const hasInputs = ({ inputs }: KernelCall) => Object.keys(inputs).length > 0;

/**
 * Runs `computation` and lists the kernels it emits that have tensor inputs. Kernels inside gradient functions count,
 * those that another kernel runs inside itself do not. All tensors that the computation makes are disposed of.
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
    // The method itself lies on the prototype.
    delete engine.runKernelFunc;
  }
  return [...names];
}

/**
 * Throws GRADIENT_UNPROVEN for the first kernel whose rule is not proven.
 *
 * @param kernels what `kernelsOf` found in the layer's forward pass and first-order gradient
 * @param layer the name to blame
 * @param order how often the network will be differentiated: 2 for GradInit, 3 for MetaInit
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
