/** Loss and accuracy of a network on a set of samples, in inference mode: batch normalisation by moving statistics, dropout off. */
import { labelledPositions, type SampleSource, type TargetKind } from '../../batch.ts';
import type { Topology } from '../../topology/topology.ts';
import { toBatchTensors } from '../feeding/batch-tensors.ts';
import { batchInputs, batchOf, weightMap } from '../feeding/step-inputs.ts';
import { splitParams, weightInput, weightTensors } from '../feeding/tuned-params.ts';
import { compile, type Execution } from '../graph/compile.ts';
import type { Tensors } from '../graph/record.ts';
import { createRunLoss } from '../losses/run-loss.ts';
import { createNetwork } from '../network/network.ts';
import { plainWeight } from '../network/weights.ts';
import { betweenIterations, type Problem, type Weights } from '../run.ts';
import { scoped, type Tensor, tf } from '../tf.ts';
import { predictionCounter } from './accuracy.ts';

export interface Evaluation {
  /** Mean over the samples. */
  readonly loss: number;
  /** Share of correct predictions; null where correctness is not defined. */
  readonly accuracy: number | null;
  readonly samples: number;
}

export interface EvaluatorOptions {
  readonly topology: Topology;
  readonly loss: NonNullable<Problem['loss']>;
  readonly targets: TargetKind;
  /** Samples per pass; default 256. */
  readonly batchSize?: number;
  readonly execution: Execution;
}

export interface Evaluator {
  /**
   * @param weights arrays, or the tensors of a trainer, which are not disposed
   * Throws the reason of the signal when it aborts.
   */
  evaluate(weights: Weights | Tensors, samples: SampleSource, signal: AbortSignal): Promise<Evaluation>;
  dispose(): void;
}

const isArrays = (weights: Weights | Tensors): weights is Weights => weights instanceof Map;

/** An evaluator whose graph is recorded once for all evaluations. */
export function createEvaluator({ topology, loss, targets, batchSize = 256, execution }: EvaluatorOptions): Evaluator {
  const network = createNetwork(topology);
  const partition = splitParams(topology);
  const lossFunction = createRunLoss(loss, topology);
  const countPredictions = predictionCounter(targets, loss, topology);
  const step = compile(
    'evaluation',
    (inputs) => {
      const batch = batchOf('s', inputs, network.topology.inputs.length);
      const weights = weightMap({ partition }, inputs, (index) => plainWeight(inputs[weightInput(index)] as Tensor));
      const results = network.forward(weights, batch.inputs, 'moving');
      const counts = countPredictions ? countPredictions(results, batch.targets) : tf.zeros([2]);
      return { result: tf.concat([tf.reshape(lossFunction(results, batch.targets), [1]), counts]) };
    },
    execution,
  );

  /** Loss, correct predictions and number of predictions of the batch from `start` on. */
  const runBatch = (tensors: Tensors, samples: SampleSource, start: number) =>
    scoped(() => {
      const count = Math.min(batchSize, samples.size - start);
      const batch = samples.gather(Int32Array.from({ length: count }, (_, index) => start + index));
      const [value, correct, predictions] = step
        .run({ ...tensors, ...batchInputs('s', toBatchTensors(batch)) })
        .result.dataSync() as unknown as [number, number, number];
      // The loss of a batch is the mean over what has a label.
      return { weight: labelledPositions(batch), loss: value, correct, predictions };
    });

  return {
    async evaluate(weights, samples, signal) {
      const own = isArrays(weights) ? weightTensors(partition, weights) : null;
      const tensors = own ?? (weights as Tensors);
      let [loss, correct, predictions, weight] = [0, 0, 0, 0];
      try {
        for (let start = 0; start < samples.size; start += batchSize) {
          await betweenIterations(signal);
          const batch = runBatch(tensors, samples, start);
          loss += batch.loss * batch.weight;
          weight += batch.weight;
          correct += batch.correct;
          predictions += batch.predictions;
        }
      } finally {
        if (own) tf.dispose(own);
      }
      return {
        loss: loss / Math.max(1, weight),
        accuracy: countPredictions ? correct / Math.max(1, predictions) : null,
        samples: samples.size,
      };
    },
    dispose: step.dispose,
  };
}
