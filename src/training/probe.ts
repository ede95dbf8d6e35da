/**
 * The probe: loss and gradient on a fixed set of training samples without augmentation, the same for every initialisation.
 *
 *   loss(theta; P),   n_i = ||dL/dtheta_i||_2,   n = sqrt(sum n_i^2)      with the batch statistics of P in batch normalisation
 */
import type { SampleSource } from '../batch.ts';
import { toBatchTensors } from '../engine/feeding/batch-tensors.ts';
import { batchInputs, batchOf, weightMap } from '../engine/feeding/step-inputs.ts';
import { splitParams, weightInput } from '../engine/feeding/tuned-params.ts';
import { compile, type Execution } from '../engine/graph/compile.ts';
import type { Tensors } from '../engine/graph/record.ts';
import { createRunLoss } from '../engine/losses/run-loss.ts';
import { differentiate, lossOf } from '../engine/network/loss-gradient.ts';
import { createNetwork } from '../engine/network/network.ts';
import { plainWeight } from '../engine/network/weights.ts';
import type { Problem } from '../engine/run.ts';
import { type Tensor, tf } from '../engine/tf.ts';
import type { Topology } from '../topology/topology.ts';

export interface ProbeReading {
  readonly loss: number;
  readonly gradientNorm: number;
  /** In the order of the layers; the norm is 0 where the loss does not depend on the parameter. */
  readonly gradientNorms: readonly { readonly parameter: string; readonly norm: number }[];
}

export interface Probe {
  readonly samples: number;
  /** @param weights the tensors of a trainer, which are not disposed */
  read(weights: Tensors): ProbeReading;
  dispose(): void;
}

export interface ProbeOptions {
  readonly topology: Topology;
  readonly loss: NonNullable<Problem['loss']>;
  readonly samples: SampleSource;
  /** The first samples are taken, at most this many. */
  readonly size: number;
  readonly execution: Execution;
}

/** Creates the probe; its graph is recorded at the first reading, and `dispose` frees its tensors. */
export function createProbe({ topology, loss, samples, size, execution }: ProbeOptions): Probe {
  const network = createNetwork(topology);
  const partition = splitParams(topology);
  const lossFunction = createRunLoss(loss, topology);
  const count = Math.min(size, samples.size);
  const batch = batchInputs(
    's',
    toBatchTensors(samples.gather(Int32Array.from({ length: count }, (_, index) => index))),
  );
  const step = compile(
    'probe',
    (inputs) => {
      const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
      const weights = weightMap({ partition }, inputs, (index) => plainWeight(theta[index] as Tensor));
      const { loss: value, gradients } = differentiate(
        () => lossOf(network, weights, batchOf('s', inputs, topology.inputs.length), lossFunction, 'batch'),
        theta,
      );
      return {
        result: tf.stack([
          value,
          ...gradients.map((gradient) => (gradient ? tf.sqrt(tf.sum(tf.square(gradient))) : tf.scalar(0))),
        ]),
      };
    },
    execution,
  );
  return {
    samples: count,
    read(weights) {
      const { result } = step.run({ ...weights, ...batch });
      const [value = Number.NaN, ...norms] = result.dataSync();
      result.dispose();
      return {
        loss: value,
        gradientNorm: Math.sqrt(norms.reduce((sum, norm) => sum + norm * norm, 0)),
        gradientNorms: partition.trainable.map(({ name }, index) => ({ parameter: name, norm: norms[index] ?? 0 })),
      };
    },
    dispose() {
      step.dispose();
      tf.dispose(batch);
    },
  };
}
