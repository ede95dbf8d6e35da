/** Datasets: everything that other folders use of this one. One more format: one file, one line in ./formats.ts, one row in test/datasets/formats.test.ts. */

export { holdsSamples } from './array-names.ts';
export { asRead } from './as-read.ts';
export type { Dataset, Split } from './dataset.ts';
export type { DatasetFormat } from './dataset-format.ts';
export { type Fittable, fitDataset, fittingViews } from './fit-dataset.ts';
export { type FormatName, formats } from './formats.ts';
export type { Normalization } from './normalization.ts';
export { needsOption, type OpenContext, openDataset, recogniseDataset } from './open-dataset.ts';
export { DatasetOptions, parseDatasetOptions } from './options.ts';
export { recipesOf } from './recipes.ts';
export { builtinNames, locate as locateDataset } from './reference.ts';
export type { SpillOptions } from './spill.ts';
