/** What a layer is to the engine: a pure function of its inputs and weights. One file per family lies in ./layers, ./layers/index.ts is the registry. */
import type { CallArguments } from '../../topology/layer-spec.ts';
import type { Tensor } from '../tf.ts';

/**
 * One parameter as a layer sees it.
 *
 * A network may be run with theta = s * F, s a scalar equal to 1 (see ../ops/probe.ts): a layer whose output is homogeneous and linear in the
 * weight should use `applyLinear`, for then the derivative with respect to s is <dy, y> and costs no second weight gradient.
 */
export interface Weight {
  readonly shape: readonly number[];
  /** The parameter tensor theta itself. */
  value(): Tensor;
  /** op(theta) for an op that is linear and homogeneous in its argument: op(s F) = s op(F). */
  applyLinear(op: (weight: Tensor) => Tensor): Tensor;
}

export type StatisticObserver = (moving: Weight, value: Tensor, momentum: number) => void;

export interface ForwardContext {
  /** 'batch': batch statistics, moving statistics untouched (how GradInit runs it); 'moving': inference. */
  readonly batchNorm: 'batch' | 'moving';
  /**
   * Told, in 'batch' mode, the statistic of this batch that a moving one follows: moving <- momentum moving + (1 - momentum) value. The value lives
   * until the layer returns, unless it is kept.
   */
  readonly observe?: StatisticObserver | undefined;
  /** Call-time arguments of the node that are not plain inputs. */
  readonly call: CallArguments;
  /** One entry for each input, null where it is not masked; absent where none is. A mask holds 1 for what counts and 0 for what does not. */
  readonly masks?: readonly (Tensor | null)[] | undefined;
  /** Every weight of the network by name: what an operation graph reads, whose parameters belong to its modules. */
  readonly weights?: ReadonlyMap<string, Weight> | undefined;
  /** Takes the outputs after the first, in their order, from layers that have several. */
  readonly emit?: ((further: readonly Tensor[]) => void) | undefined;
}

/**
 * Inputs and result carry the batch axis. `weights` holds every key that the layer's spec declares. Dropout is the identity.
 * A layer with several outputs returns the first and hands the others to `emit`.
 */
export type LayerForward<C = never> = (
  config: C,
  inputs: readonly Tensor[],
  weights: Readonly<Record<string, Weight>>,
  context: ForwardContext,
) => Tensor;
