/** Which data a protocol can train a network on and measure it with: what the API knows of it beforehand, and what the command line has open. */
import type { TargetKind } from '../../batch.ts';
import type { TrainingProtocol } from '../../contract/training-protocol.ts';
import type { PlacedProblem } from '../../errors.ts';
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
  const shapes = inputs.map((input) => nodes[input]?.shape ?? []);
  if (!augmentation || shapes.some((shape) => shape.length === 3)) return [];
  const message = `needs images, which have three axes; the model takes [${shapes[0]?.map((extent) => extent ?? 'any')}]`;
  return [{ pointer: '/augmentation', message }];
}

/** Classes of each output, null for values to regress. */
const classesOf = (targets: TargetKind): (number | null)[] =>
  (targets.kind === 'several' ? targets.parts : [targets]).map((part) =>
    part.kind === 'classes' ? part.classes : null,
  );

const inWords = (classes: readonly (number | null)[]): string =>
  classes.map((count) => (count === null ? 'values to regress' : `${count} classes`)).join(' and ');

/**
 * What keeps accuracy from being measured, as the end of a sentence that begins with the name of the training data; null when nothing does.
 *
 * @param targets of the training data
 * @param test those of other data to test on; left out where there is none
 */
export function accuracyProblem(targets: TargetKind, test?: TargetKind): string | null {
  const classes = classesOf(targets);
  if (classes.every((count) => count === null))
    return 'has values to regress; training is judged by its accuracy and needs classes';
  const testClasses = test === undefined ? classes : classesOf(test);
  if (String(testClasses) === String(classes)) return null;
  return `has ${inWords(classes)}, the test samples have ${inWords(testClasses)}; give both the option classes`;
}
