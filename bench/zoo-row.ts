/** Runs GradInit on one network of the zoo in this process: three iterations of each kind. */
import type { SampleSource } from '../src/batch.ts';
import { initialize } from '../src/engine/index.ts';
import { configureMethod } from '../src/engine/methods/index.ts';
import { parseModel } from '../src/models/index.ts';
import { buildZooModel } from '../src/models/zoo/index.ts';
import { ndarray } from '../src/ndarray.ts';
import { createRandom } from '../src/random.ts';
import { initialWeights } from '../src/topology/draw-initial.ts';
import { splitHead } from '../src/topology/structure/head.ts';
import type { Topology } from '../src/topology/topology.ts';
import type { ZooRow } from './zoo-rows.ts';

export interface Measured {
  readonly label: string;
  readonly batch: number;
  readonly parameters: number;
  /** Mean of the second and third iteration. */
  readonly constraintSeconds: number;
  readonly objectiveSeconds: number;
  /** Duration of the first iteration, which records and builds the graph. */
  readonly firstConstraintSeconds: number;
  readonly firstObjectiveSeconds: number;
  readonly peakGiB: number;
}

/** Number of token ids, less than every vocabulary of the zoo's defaults. */
const tokens = 100;
const iterations = 3;

/** Random samples: normal numbers for images, token ids for sequences, uniform classes. */
function randomSamples(topology: Topology, size: number): SampleSource {
  const random = createRandom(0, 'bench/zoo');
  const shapes = topology.inputs.map((input) => (topology.nodes[input]?.shape ?? []).map((extent) => extent ?? 1));
  const isTokens = topology.layers.some(({ className }) => className === 'Embedding');
  const logits = (topology.nodes[topology.outputs[0] ?? 0]?.shape ?? []).map((extent) => extent ?? 1);
  const classes = logits.at(-1) ?? 1;
  const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
  const count = (shape: readonly number[], n: number) => shape.reduce((a, b) => a * b, n);
  const id = (below: number) => () => Math.floor(random.uniform() * below);
  return {
    size,
    inputShapes: shapes,
    inputDtypes: shapes.map(() => (isTokens ? 'int32' : 'float32')),
    targets: { kind: 'classes', classes },
    gather({ length: n }) {
      const inputs = shapes.map((shape) =>
        isTokens
          ? ndarray('int32', [n, ...shape], Int32Array.from(draw(count(shape, n), id(tokens))))
          : ndarray('float32', [n, ...shape], Float32Array.from(draw(count(shape, n), () => random.normal()))),
      );
      const targetShape = [n, ...logits.slice(0, -1)];
      const targets = Int32Array.from(draw(count(targetShape, 1), id(classes)));
      return { inputs, targets: ndarray('int32', targetShape, targets) };
    },
  };
}

/** Measures a network. Throws the errors of the engine, and an error when an iteration takes the wrong branch. */
export async function measureZooRow({ label, name, options, batch, memory = 'fast' }: ZooRow): Promise<Measured> {
  const parsed = parseModel({ format: 'tfjs-layers', topology: buildZooModel(name, options) });
  const { topology } = splitHead(parsed.topology);
  const weights = initialWeights(topology, 0);
  const samples = randomSamples(topology, 2 * batch);
  const loss = { name: 'softmax-cross-entropy', options: {} } as const;

  async function run(branch: string, gamma: number | null): Promise<number[]> {
    const method = configureMethod('gradinit', {
      batchSize: batch,
      iterations,
      gamma,
      memory,
      normalizeGradient: true,
    });
    const seconds: number[] = [];
    await initialize(
      { problem: { topology, weights, samples, loss, seed: 0 }, method },
      {
        onIteration(metrics) {
          if (metrics.branch !== branch)
            throw new Error(`${label}: iteration ${metrics.iteration} is ${metrics.branch}`);
          seconds.push(metrics.seconds);
        },
      },
    );
    return seconds;
  }

  // A bound that every gradient exceeds, and no bound, select the two branches.
  const constraint = await run('constraint', 1e-12);
  const objective = await run('objective', null);
  const later = ([, ...rest]: readonly number[]) => rest.reduce((a, b) => a + b, 0) / rest.length;
  const parameters = topology.layers
    .flatMap(({ params }) => params)
    .filter(({ group }) => group !== 'none')
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return {
    label,
    batch,
    parameters,
    constraintSeconds: later(constraint),
    objectiveSeconds: later(objective),
    firstConstraintSeconds: constraint[0] ?? Number.NaN,
    firstObjectiveSeconds: objective[0] ?? Number.NaN,
    peakGiB: process.resourceUsage().maxRSS / 2 ** 20,
  };
}
