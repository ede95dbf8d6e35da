/**
 * The spectral condition for feature learning (muP): initial deviations and learning rates, tensor by tensor, with which the best rate of a narrow
 * network is the best rate of a wide one.
 *
 *   W ~ N(0, s^2),  s = gain / sqrt(fanIn) min(1, sqrt(fanOut / fanIn));   biases 0
 *   factors on the rate, base network in parentheses:
 *     SGD   (fanOut / fanIn) / (baseOut / baseIn)      Adam   baseIn / fanIn
 *     biases and gains (a matrix with fanIn 1)         SGD   fanOut / baseOut      Adam   1
 *
 * Then ||W||_2 and ||dW||_2 scale as sqrt(fanOut / fanIn) in every layer. The base network has the same inputs, outputs, taps and depth; its hidden
 * extents are those of the network times baseWidth / width, where width is the smallest hidden extent. A rate that was tuned at baseWidth is used
 * with the factors.
 * Without `baseWidth` the base is derived from the network alone: every hidden extent is the median of the hidden extents, so that the factors
 * balance the layers of one network against each other, and the rate is that of its median layer. Trainings of this service use the factors of their
 * optimizer. The deviations are the same for both optimizers.
 *
 * Differs from the authors' package: attention scores keep the factor 1 / sqrt(d) (1 / d would change the network), the forward pass has no
 * multipliers, and embeddings keep their values (one-hot inputs: factor of SGD fanOut / baseOut, of Adam 1). Default gain sqrt(2), for rectifiers.
 *
 * Yang, Simon, Bernstein: A Spectral Condition for Feature Learning. 2023, arXiv:2310.17813 (condition 1, equation 18); Yang et al.: Tensor Programs V.
 * NeurIPS 2021, arXiv:2203.03466 (table 3).
 */
import { type Static, Type } from 'typebox';
import type { Layer, Topology } from '../../topology/topology.ts';
import type { LearningRateMultipliers } from '../run.ts';
import { type Applicability, defineMethod } from './method.ts';
import { type WidthFans, widthFans } from './mup-extents.ts';
import { drawBy, redrawKernels } from './redraw.ts';

const options = Type.Object(
  {
    gain: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: Math.SQRT2,
      description: 'sqrt(2) for ReLU, 1 for linear layers.',
    }),
    baseWidth: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'Smallest hidden extent of the network at which the rate was tuned. Default: derived, every hidden extent of the base is the median.',
      }),
    ),
  },
  { additionalProperties: false },
);

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 1;
};

/** The taps of a convolution are part of its fan-in, but do not grow with the width. */
const taps = ({ param, fanIn }: WidthFans): number => fanIn / extentIn({ param, fanIn });

function extentIn({ param, fanIn }: Pick<WidthFans, 'param' | 'fanIn'>): number {
  const isProjection = param.key.includes('/') || param.shape.length < 3;
  return isProjection ? fanIn : (param.shape.at(-2) ?? fanIn);
}

interface Base {
  /** The extent in the base network for a hidden extent of the network. */
  of(extent: number): number;
  readonly width: number;
  readonly kind: 'given' | 'derived';
}

function baseOf(all: readonly WidthFans[], { baseWidth }: Static<typeof options>): Base {
  const hidden = all.flatMap((fans) => [
    ...(fans.growsIn ? [extentIn(fans)] : []),
    ...(fans.growsOut ? [fans.fanOut] : []),
  ]);
  const width = Math.min(...hidden);
  if (baseWidth !== undefined) return { of: (extent) => (extent * baseWidth) / width, width, kind: 'given' };
  const middle = median(hidden);
  return { of: () => middle, width, kind: 'derived' };
}

/** The factors of every trained parameter. */
function multipliersOf(topology: Topology, all: readonly WidthFans[], base: Base): LearningRateMultipliers {
  const sgd: Record<string, number> = {};
  const adam: Record<string, number> = {};
  const outputLayers = new Set(all.filter(({ growsOut }) => !growsOut).map(({ layer }) => layer));
  for (const fans of all) {
    const { param, fanIn, fanOut, growsIn, growsOut } = fans;
    const baseIn = growsIn ? base.of(extentIn(fans)) * taps(fans) : fanIn;
    const baseOut = growsOut ? base.of(fanOut) : fanOut;
    sgd[param.name] = fanOut / fanIn / (baseOut / baseIn);
    adam[param.name] = baseIn / fanIn;
  }
  for (const layer of topology.layers) {
    for (const { name, shape, group } of layer.params) {
      if (group === 'none' || name in sgd) continue;
      const extent = shape.at(-1) ?? 1;
      sgd[name] = grows(layer, outputLayers) ? extent / base.of(extent) : 1;
      adam[name] = 1;
    }
  }
  return { sgd, adam };
}

/** True for layers whose vectors (biases, gains, rows of embeddings) have a hidden extent: all except output layers. */
const grows = (layer: Layer, outputLayers: ReadonlySet<Layer>) => !outputLayers.has(layer);

function applicability(topology: Topology): Applicability {
  const hidden = widthFans(topology).some(({ growsIn, growsOut }) => growsIn || growsOut);
  return hidden
    ? { applicable: true }
    : {
        applicable: false,
        reason: 'no extent of the network is hidden between two trained kernels, so that there is no width to scale by',
      };
}

export const mup = defineMethod({
  name: 'mup',
  summary:
    'Deviations and learning-rate factors of every tensor by the spectral condition, so that the best rate does not change with the width.',
  reference: 'Yang, Simon and Bernstein, A Spectral Condition for Feature Learning, 2023, arXiv:2310.17813',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability,
  async run(problem, given, control) {
    const all = widthFans(problem.topology);
    const fansOf = new Map(all.map((fans) => [fans.param.name, fans]));
    const base = baseOf(all, given);
    const result = await redrawKernels(
      problem,
      (param) => {
        const { fanIn, fanOut } = fansOf.get(param.name) as WidthFans;
        const stddev = (given.gain / Math.sqrt(fanIn)) * Math.min(1, Math.sqrt(fanOut / fanIn));
        return drawBy(param, { kind: 'normal', mean: 0, stddev, truncated: false }, problem.seed);
      },
      control,
    );
    const learningRateMultipliers = multipliersOf(problem.topology, all, base);
    return { ...result, learningRateMultipliers, findings: { base: base.kind, width: base.width } };
  },
});
