/**
 * One pass through a network, front to back, that scales each linear layer until its output has the wanted standard deviation.
 *
 *   W <- W target / std(W x + b)   until |std - target| <= tolerance or the tries are used up
 *
 * What the layers before a layer compute is kept until its last reader has run, so that a pass costs a few forwards of each layer: O(L), where
 * running the network again for each try is O(L^2).
 */
import type { Batch } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { isRecurrent, outputKernels, withoutActivation } from '../../topology/structure/output-kernel.ts';
import type { Layer, Node, Topology } from '../../topology/topology.ts';
import { findForward } from '../network/find-forward.ts';
import type { LayerForward } from '../network/layer-forward.ts';
import { plainWeight } from '../network/weights.ts';
import { betweenIterations, type SkippedParameter, type Weights } from '../run.ts';
import { scoped, type Tensor, tf } from '../tf.ts';

export interface UnitVarianceOptions {
  readonly target: number;
  readonly tolerance: number;
  readonly maxTries: number;
}

/** What became of one layer. */
export interface LayerVariance {
  readonly layer: string;
  /** Standard deviation of the output over the batch, before the activation: of the drawn kernel, and at the end. */
  readonly initialStd: number;
  readonly std: number;
  /** How often the kernel was scaled. */
  readonly tries: number;
}

export interface UnitVarianceResult {
  readonly weights: Weights;
  readonly layers: readonly LayerVariance[];
  readonly skipped: readonly SkippedParameter[];
}

type Arrays = Map<string, NDArray<'float32'>>;

/** A layer at the place where it is applied. */
interface Call {
  readonly layer: Layer;
  readonly node: Node;
  readonly inputs: readonly Tensor[];
}

/** Inference: moving statistics, dropout off. The caller owns the result. */
function forward({ layer, node, inputs }: Call, weights: Arrays): Tensor {
  const run = findForward(layer.className) as LayerForward | undefined;
  if (!run)
    throw new AppError('LAYER_UNKNOWN', `layer "${layer.name}": the engine cannot run the class ${layer.className}`);
  return tf.tidy(() => {
    const values = layer.params.map(({ key, name }) => {
      const { data, shape } = weights.get(name) as NDArray<'float32'>;
      return [key, plainWeight(tf.tensor(data, [...shape]))] as const;
    });
    const output = run(layer.config as never, inputs, Object.fromEntries(values), {
      batchNorm: 'moving',
      call: node.call,
    });
    // A layer may hand its input on; the copy is owned by the caller alone.
    return inputs.includes(output) ? output.clone() : output;
  });
}

function standardDeviation(call: Call, weights: Arrays): number {
  const std = scoped(() => tf.sqrt(tf.moments(forward(call, weights)).variance).dataSync()[0] as number);
  if (Number.isFinite(std)) return std;
  throw new AppError(
    'DIVERGED',
    `the output of layer "${call.layer.name}" is not finite on the first batch; check the inputs`,
    {
      details: { layer: call.layer.name },
    },
  );
}

function scaleKernels(layer: Layer, factor: number, weights: Arrays): void {
  for (const { name } of outputKernels(layer)) {
    const { shape, data } = weights.get(name) as NDArray<'float32'>;
    weights.set(
      name,
      ndarray(
        'float32',
        shape,
        data.map((value) => value * factor),
      ),
    );
  }
}

function scaleLayer(call: Call, weights: Arrays, { target, tolerance, maxTries }: UnitVarianceOptions): LayerVariance {
  const linear = { ...call, layer: withoutActivation(call.layer) };
  const initialStd = standardDeviation(linear, weights);
  let [std, tries] = [initialStd, 0];
  while (std > 0 && Math.abs(std - target) > tolerance && tries < maxTries) {
    scaleKernels(call.layer, target / std, weights);
    std = standardDeviation(linear, weights);
    tries += 1;
  }
  return { layer: call.layer.name, initialStd, std, tries };
}

/** Counts down the readers of each node's output and frees what nobody needs any more. */
function createOutputs({ nodes, outputs }: Topology) {
  const readers = nodes.map(() => 0);
  for (const id of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) readers[id] = (readers[id] ?? 0) + 1;
  const tensors = new Map<number, Tensor>();
  const release = (id: number) => {
    readers[id] = (readers[id] ?? 0) - 1;
    if (readers[id] > 0) return;
    tensors.get(id)?.dispose();
    tensors.delete(id);
  };
  return {
    get: (id: number) => tensors.get(id) as Tensor,
    set: (id: number, tensor: Tensor) => tensors.set(id, tensor),
    release,
    dispose: () => {
      for (const tensor of tensors.values()) tensor.dispose();
    },
  };
}

/** A shared layer is scaled where it is applied first. Throws DIVERGED and what layers throw; leaves no tensor behind. */
export async function scaleToUnitVariance(
  topology: Topology,
  start: Weights,
  { inputs }: Pick<Batch, 'inputs'>,
  options: UnitVarianceOptions,
  signal: AbortSignal,
): Promise<UnitVarianceResult> {
  const weights: Arrays = new Map(start);
  const layers: LayerVariance[] = [];
  const skipped: SkippedParameter[] = [];
  const visited = new Set<number>();
  const outputs = createOutputs(topology);
  try {
    for (const node of topology.nodes) {
      const position = topology.inputs.indexOf(node.id);
      const input = inputs[position];
      if (input) {
        outputs.set(node.id, tf.tensor(input.data, [...input.shape], input.dtype));
        continue;
      }
      const layer = topology.layers[node.layer] as Layer;
      const call = { layer, node, inputs: node.inputs.map(outputs.get) };
      const kernels = visited.has(node.layer) ? [] : outputKernels(layer);
      visited.add(node.layer);
      if (kernels.length > 0) {
        await betweenIterations(signal);
        const reason = isRecurrent(layer)
          ? 'the output of a recurrent layer is bounded, its kernels stay orthonormal'
          : scaled(call);
        if (reason) skipped.push(...kernels.map(({ name }) => ({ parameter: name, reason })));
      }
      outputs.set(node.id, forward(call, weights));
      for (const id of node.inputs) outputs.release(id);
    }
  } finally {
    outputs.dispose();
  }
  return { weights, layers, skipped };

  /** Why the layer could not be scaled; undefined when it could. */
  function scaled(call: Call): string | undefined {
    const result = scaleLayer(call, weights, options);
    if (result.std === 0) return 'its output is constant on the batch: no scale gives it a variance';
    layers.push(result);
    return undefined;
  }
}
