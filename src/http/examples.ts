/**
 * Examples of the OpenAPI document. Bodies of requests are minimal and run as they are; answers (examples.json) were recorded from a service that was sent them:
 * npm run docs:examples writes them anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject } from '../json.ts';

const model = { format: 'zoo', name: 'small-cnn' } as const;
const dataset = { ref: 'builtin:digits' } as const;
const method = { name: 'gradinit', options: { iterations: 20, batchSize: 64, learningRate: 0.01 } } as const;

/** By operation. */
export const bodyExamples = {
  createJob: { model, dataset, method },
  validateJob: { model, dataset, method },
  createRecommendation: { model, dataset, options: { shortHorizon: 8, longHorizon: 16, seeds: 2 } },
  createComparison: {
    models: [{ model }],
    dataset: { ...dataset, options: { validationSplit: 0.2 } },
    methods: ['kaiming', method],
    seeds: [0, 1],
    training: { epochs: 1 },
  },
  inspectDataset: dataset,
  createWebhook: { url: 'https://example.com/hooks/gradinit', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  cancelJob: { artifacts: 'partial' },
  createDataset: { file: 'a,b,label\n0.1,0.9,0\n0.8,0.2,1\n' },
  createSession: { key: 'the-token-that-gradinit-key-printed' },
} as const satisfies Readonly<Record<string, object>>;

/** By schema of a request. */
export const requestExamples: Readonly<Record<string, unknown>> = {
  JobSpec: bodyExamples.createJob,
  RecommendationSpec: bodyExamples.createRecommendation,
  ComparisonSpec: bodyExamples.createComparison,
  ComparisonTraining: bodyExamples.createComparison.training,
  DatasetSpec: dataset,
  WebhookSpec: bodyExamples.createWebhook,
  Cancellation: bodyExamples.cancelJob,
};

/** By schema of an answer, and by operation and media type where the schema has no name. */
export const answerExamples: JsonObject = recorded();

function recorded(): JsonObject {
  // From src/http as well as from dist/src/http.
  const place = ['./examples.json', '../../../src/http/examples.json'].find((name) =>
    existsSync(new URL(name, import.meta.url)),
  );
  const examples: unknown = place && JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
  if (!isJsonObject(examples)) throw new Error('src/http/examples.json is missing from the installation');
  return examples;
}
