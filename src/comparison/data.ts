/** The samples of a comparison: those to train on and those to measure accuracy on. */
import type { SampleSource } from '../batch.ts';
import { type ComparisonSpec, trainingPointer } from '../contract/comparison-spec.ts';
import type { Dataset } from '../datasets/index.ts';
import { AppError } from '../errors.ts';
import type { Sources } from '../jobs/prepare.ts';
import type { SchemaProblem } from '../schema-problems.ts';

export interface ComparisonData<T extends SampleSource = SampleSource> {
  readonly dataset: Dataset;
  readonly test: T;
}

/** One protocol cannot be run on samples of two normalisations. */
function checkSame(dataset: Dataset, test: Dataset): void {
  if (JSON.stringify(dataset.normalization) !== JSON.stringify(test.normalization)) {
    const message =
      'is normalised differently from the dataset; give both the same options.normalize, for example { "mean": [...], "std": [...] }';
    throw new AppError('INVALID_INPUT', `/test ${message}`, {
      details: { errors: [{ pointer: '/options/normalize', message: `of the test samples: ${message}` }] },
    });
  }
  if (dataset.classes !== test.classes) {
    throw new AppError(
      'INVALID_INPUT',
      `the dataset has ${dataset.classes} classes, the test samples have ${test.classes}; give both the option classes`,
    );
  }
}

/** Opens what `dataset` and `test` refer to. Throws INVALID_INPUT when there is nothing to test on, and what the datasets throw. */
export async function openData(
  { dataset: wish, test }: Pick<ComparisonSpec, 'dataset' | 'test'>,
  sources: Pick<Sources, 'openDataset'>,
): Promise<ComparisonData<Dataset | SampleSource>> {
  const dataset = await sources.openDataset(wish.ref, wish.options);
  if (dataset.classes === null)
    throw new AppError(
      'INVALID_INPUT',
      `${wish.ref} has values to regress; a comparison measures accuracy and needs classes`,
    );
  if (test) {
    const other = await sources.openDataset(test.ref, test.options);
    checkSame(dataset, other);
    return { dataset, test: other };
  }
  if (dataset.validation === null || dataset.validation.size === 0) {
    const message = 'must be greater than 0: accuracy needs samples that are not trained on; or name them in /test';
    throw new AppError('INVALID_INPUT', `validationSplit ${message}`, {
      details: { errors: [{ pointer: '/options/validationSplit', message }] },
    });
  }
  return { dataset, test: dataset.validation };
}

/** Protocols that the data cannot be trained by. */
export function dataProblems(spec: ComparisonSpec, { dataset }: ComparisonData): SchemaProblem[] {
  return spec.training.flatMap(({ batchSize, augmentation }, index) => {
    const problems: SchemaProblem[] = [];
    if (batchSize > dataset.size)
      problems.push({
        pointer: `${trainingPointer(spec, index)}/batchSize`,
        message: `is ${batchSize}, but the training part has ${dataset.size} samples; choose at most ${dataset.size}`,
      });
    const isImage = dataset.inputShapes.some((shape) => shape.length === 3);
    if (augmentation && !isImage)
      problems.push({
        pointer: `${trainingPointer(spec, index)}/augmentation`,
        message: `needs images [height, width, channels], the samples have shape [${dataset.inputShapes[0]}]`,
      });
    return problems;
  });
}
