/** Comparisons as clients see them. */
import { type Static, Type } from 'typebox';
import { artifactFormatNames } from '../../artifacts/index.ts';
import { comparisonIdPattern } from '../../comparison/plan/record.ts';
import { comparisonStatuses } from '../../comparison/plan/status.ts';
import { jobIdPattern } from '../../contract/job-id.ts';
import { nullable, strict, Timestamp } from './common.ts';

export const ComparisonParams = strict({
  id: Type.String({ minLength: 1, maxLength: 100, description: `A comparison id: ${comparisonIdPattern}` }),
});

export const Comparison = strict(
  {
    id: Type.String(),
    status: Type.Enum(comparisonStatuses, {
      description: 'failed: every cell is over and some gave no result; the report has the others.',
    }),
    owner: Type.String(),
    createdAt: Timestamp,
    finishedAt: nullable(Timestamp),
    cells: Type.Integer({ description: 'Models x methods x seeds x protocols that apply: one job each.' }),
    counts: Type.Record(Type.String(), Type.Integer(), { description: 'Cells by the status of their job.' }),
    inapplicable: Type.Array(strict({ model: Type.String(), method: Type.String(), reason: Type.String() }), {
      description: 'Rows that will not run, and why.',
    }),
    jobs: Type.Record(Type.String(), Type.String({ pattern: jobIdPattern }), { description: 'Jobs by cell.' }),
    links: strict({
      self: Type.String(),
      report: Type.String({ description: 'JSON; beside it report.md and report.html.' }),
      page: Type.String(),
      weights: Type.String({ description: 'Of the best cell; takes ?format=, ?model=, ?training=.' }),
      cancel: Type.String(),
    }),
  },
  { description: 'A comparison: how far it is, and where to go from here.' },
);
export type Comparison = Static<typeof Comparison>;

export const ComparisonList = strict(
  { comparisons: Type.Array(Comparison), has_more: Type.Boolean() },
  { description: 'A page of comparisons, newest first.' },
);

export const ComparisonListQuery = strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  after: Type.Optional(Type.String({ pattern: comparisonIdPattern, description: 'The last id of the page before.' })),
});

export const ComparisonWeightsQuery = strict({
  format: Type.Optional(Type.Enum(artifactFormatNames, { default: 'safetensors' })),
  model: Type.Optional(
    Type.String({ minLength: 1, maxLength: 60, description: 'Best for this model; default: of all.' }),
  ),
  training: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: 'Best for this protocol.' })),
});
