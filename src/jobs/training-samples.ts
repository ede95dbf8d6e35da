/** The samples of a training: those to train on and those to measure accuracy on. */
import type { JobSpec } from '../contract/job-spec.ts';
import type { Dataset } from '../datasets/index.ts';
import { AppError } from '../errors.ts';
import { accuracyProblem } from './check/training-data.ts';
import type { Sources } from './sources.ts';

type DataReference = NonNullable<JobSpec['dataset']>;

export interface TrainingSamples {
  readonly dataset: Dataset;
  /** Other data to test on; null where the dataset's own validation part is. */
  readonly test: Dataset | null;
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
  const problem = accuracyProblem(dataset.targets, test?.targets);
  if (problem) throw new AppError('INVALID_INPUT', `${dataset.ref} ${problem}`);
}

/**
 * Opens what `dataset` and `test` refer to.
 *
 * @throws INVALID_INPUT when there is nothing to test on, or nothing that accuracy can be measured with; what the datasets throw
 */
export async function openData(
  { dataset: wish, test: other }: { readonly dataset: DataReference; readonly test: DataReference | undefined },
  sources: Pick<Sources, 'openDataset'>,
): Promise<TrainingSamples> {
  const dataset = await sources.openDataset(wish.ref, wish.options);
  const test = other ? await sources.openDataset(other.ref, other.options) : null;
  checkAccuracy(dataset, test);
  if (test) {
    checkNormalization(dataset, test);
    return { dataset, test };
  }
  if (dataset.validation === null || dataset.validation.size === 0) {
    const message =
      'must be greater than 0: accuracy needs samples that are not trained on; or name them in its `test`';
    throw new AppError('INVALID_INPUT', `validationSplit ${message}`, {
      problems: [{ pointer: '/options/validationSplit', message }],
    });
  }
  return { dataset, test: null };
}
