/** The samples of a comparison: those to train on and those to measure accuracy on. */
import type { SampleSource } from '../batch.ts';
import type { ComparisonSpec } from '../contract/comparison-spec.ts';
import type { Dataset } from '../datasets/index.ts';
import { AppError } from '../errors.ts';
import { accuracyProblem } from '../jobs/check/training-data.ts';
import type { Sources } from '../jobs/prepare.ts';

export interface ComparisonData<T extends SampleSource = SampleSource> {
  readonly dataset: Dataset;
  readonly test: T;
}

/** One protocol cannot be run on samples of two normalisations. */
function checkNormalization(dataset: Dataset, test: Dataset): void {
  if (JSON.stringify(dataset.normalization) !== JSON.stringify(test.normalization)) {
    const message =
      'is normalised differently from the dataset; give both the same options.normalize, for example { "mean": [...], "std": [...] }';
    throw new AppError('INVALID_INPUT', `/test ${message}`, {
      problems: [{ pointer: '/options/normalize', message: `of the test samples: ${message}` }],
    });
  }
}

/** Samples without classes, or with other ones than those to test on. */
function checkAccuracy(dataset: Dataset, test: Dataset | null): void {
  const problem = accuracyProblem(dataset.classes, test?.classes);
  if (problem) throw new AppError('INVALID_INPUT', `${dataset.ref} ${problem}`);
}

/** Opens what `dataset` and `test` refer to. Throws INVALID_INPUT when there is nothing to test on, and what the datasets throw. */
export async function openData(
  { dataset: wish, test }: Pick<ComparisonSpec, 'dataset' | 'test'>,
  sources: Pick<Sources, 'openDataset'>,
): Promise<ComparisonData<Dataset | SampleSource>> {
  const dataset = await sources.openDataset(wish.ref, wish.options);
  const other = test ? await sources.openDataset(test.ref, test.options) : null;
  checkAccuracy(dataset, other);
  if (other) {
    checkNormalization(dataset, other);
    return { dataset, test: other };
  }
  if (dataset.validation === null || dataset.validation.size === 0) {
    const message = 'must be greater than 0: accuracy needs samples that are not trained on; or name them in /test';
    throw new AppError('INVALID_INPUT', `validationSplit ${message}`, {
      problems: [{ pointer: '/options/validationSplit', message }],
    });
  }
  return { dataset, test: dataset.validation };
}
