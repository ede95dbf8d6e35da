/**
 * Shrink and perturb: trained weights as a start for more training, on more or other data, without the usual loss in generalisation.
 *
 *   theta <- shrink theta + N(0, noise^2)      for every trained parameter; statistics are kept
 *
 * The weights are those of the job (`weights`). Untrained weights are shrunk too; the norms in `findings` show it. The defaults, 0.6 and
 * 0.01, are those of the paper's experiments.
 *
 * Ash, Adams: On Warm-Starting Neural Network Training. NeurIPS 2020, arXiv:1910.08475 (section 4).
 */
import { Type } from 'typebox';
import { ndarray } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import type { Param } from '../../topology/topology.ts';
import type { Weights } from '../run.ts';
import { defineMethod } from './method.ts';
import { redrawParams } from './redraw.ts';
import { hasTrainableParameter } from './requirements.ts';

const options = Type.Object(
  {
    shrink: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.6,
      description: 'Factor on the weights; 1 keeps them, 0 forgets them.',
    }),
    noise: Type.Number({ minimum: 0, maximum: 10, default: 0.01, description: 'Standard deviation of what is added.' }),
  },
  { additionalProperties: false },
);

const normOf = (weights: Weights, params: readonly Param[]) =>
  Math.sqrt(
    params.reduce(
      (sum, { name }) =>
        sum + (weights.get(name)?.data ?? new Float32Array()).reduce((part, value) => part + value ** 2, 0),
      0,
    ),
  );

export const shrinkPerturb = defineMethod({
  name: 'shrink-perturb',
  summary: 'The weights of the job shrunk and perturbed, as a start for training on.',
  reference: 'Ash and Adams, On Warm-Starting Neural Network Training, NeurIPS 2020, arXiv:1910.08475',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: hasTrainableParameter,
  async run(problem, { shrink, noise }, control) {
    const result = await redrawParams(
      problem,
      ({ name, shape }) => {
        const random = createRandom(problem.seed, `noise of ${name}`);
        const data = problem.weights.get(name)?.data ?? new Float32Array();
        return ndarray(
          'float32',
          shape,
          data.map((value) => shrink * value + noise * random.normal()),
        );
      },
      control,
    );
    const params = problem.topology.layers.flatMap((layer) => layer.params.filter(({ group }) => group !== 'none'));
    const norms = { normBefore: normOf(problem.weights, params), normAfter: normOf(result.weights, params) };
    return { ...result, findings: norms };
  },
});
