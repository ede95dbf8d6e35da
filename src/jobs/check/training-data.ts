/** Which data a protocol can train a network on and measure it with: what the API knows of it beforehand, and what the command line has open. */
import type { TrainingProtocol } from '../../contract/training-protocol.ts';
import type { PlacedProblem } from '../../errors.ts';
import { graphOf } from '../../topology/operation-graph/build.ts';
import type { Topology } from '../../topology/topology.ts';

/** Pointers lie below the protocol. */
export function batchProblems({ batchSize }: Pick<TrainingProtocol, 'batchSize'>, samples: number): PlacedProblem[] {
  if (batchSize <= samples) return [];
  const message = `is ${batchSize}, but the training part has ${samples} samples; choose at most ${samples}`;
  return [{ pointer: '/batchSize', message }];
}

/** Images are what the network takes as such: a network that takes them flattened has none. Pointers lie below the protocol. */
export function augmentationProblems(
  { augmentation }: Pick<TrainingProtocol, 'augmentation'>,
  topology: Topology,
): PlacedProblem[] {
  const { inputs, nodes } = topology;
  if (augmentation && graphOf(topology))
    return [
      {
        pointer: '/augmentation',
        message: 'needs images with the channels last, a model of torch.export takes them first',
      },
    ];
  const shapes = inputs.map((input) => nodes[input]?.shape ?? []);
  if (!augmentation || shapes.some((shape) => shape.length === 3)) return [];
  const message = `needs images [height, width, channels], the model takes [${shapes[0]?.map((extent) => extent ?? 'any')}]`;
  return [{ pointer: '/augmentation', message }];
}

/**
 * What keeps accuracy from being measured, as the end of a sentence that begins with the name of the training data; null when nothing does.
 *
 * @param classes of the training data, null for values to regress
 * @param testClasses those of other data to test on, null for values to regress; left out where there is none
 */
export function accuracyProblem(classes: number | null, testClasses?: number | null): string | null {
  if (classes === null) return 'has values to regress; training is judged by its accuracy and needs classes';
  if (testClasses === undefined || testClasses === classes) return null;
  const found = testClasses === null ? 'values to regress' : `${testClasses} classes`;
  return `has ${classes} classes, the test samples have ${found}; give both the option classes`;
}
