/** The interface of a layer in the engine: a pure function of its inputs and weights. ./layers has one file per family; ./layers/index.ts is the registry. */
import type { CallArguments } from '../../topology/layer-spec.ts';
import type { Tensor } from '../tf.ts';

/**
 * One parameter as an argument of a layer.
 *
 * A network may be run with theta = s F, where s is a scalar equal to 1 (see ../ops/probe.ts). A layer whose output is homogeneous and linear in the
 * weight should use `applyLinear`: the derivative with respect to s is then <dy, y> and needs no second weight gradient.
 */
export interface Weight {
  readonly shape: readonly number[];
  /** The parameter tensor theta. */
  value(): Tensor;
  /** op(theta) for an op that is linear and homogeneous in its argument: op(s F) = s op(F). */
  applyLinear(op: (weight: Tensor) => Tensor): Tensor;
}

export type StatisticObserver = (moving: Weight, value: Tensor, momentum: number) => void;

export interface ForwardContext {
  /** 'batch': batch statistics, moving statistics unchanged (used by GradInit); 'moving': inference. */
  readonly batchNorm: 'batch' | 'moving';
  /**
   * Called in 'batch' mode with the batch statistic that updates a moving statistic: moving <- momentum moving + (1 - momentum) value. The value is
   * freed when the layer returns, unless it is kept.
   */
  readonly observe?: StatisticObserver | undefined;
  /** Arguments of the call that are not plain inputs. */
  readonly call: CallArguments;
  /** One entry per input, null where it has no mask; absent where no input has one. A mask is 1 for what counts and 0 for what does not. */
  readonly masks?: readonly (Tensor | null)[] | undefined;
  /** Every weight of the network by name, for operation graphs, whose parameters belong to their modules. */
  readonly weights?: ReadonlyMap<string, Weight> | undefined;
  /** Receives the outputs after the first, in order, of layers that have several. */
  readonly emit?: ((further: readonly Tensor[]) => void) | undefined;
}

/**
 * Inputs and result have a batch axis. `weights` has every key that the layer's specification declares. Dropout is the identity. A layer with several
 * outputs returns the first and passes the others to `emit`.
 */
export type LayerForward<C = never> = (
  config: C,
  inputs: readonly Tensor[],
  weights: Readonly<Record<string, Weight>>,
  context: ForwardContext,
) => Tensor;
