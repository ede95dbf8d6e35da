/** Schemas of the OpenAPI document that have a name: written once under components, referred to everywhere else. */

import { Cancellation } from '../../contract/cancellation.ts';
import { ComparisonSpec, ComparisonTraining } from '../../contract/comparison-spec.ts';
import { DatasetSpec, JobSpec } from '../../contract/job-spec.ts';
import { RecommendationSpec } from '../../contract/recommendation-spec.ts';
import { WebhookSpec } from '../../contract/webhook.ts';
import { DatasetDescription } from '../../jobs/inspect/describe-dataset.ts';
import { DatasetSamples } from '../../jobs/inspect/show-samples.ts';
import { Artifact, ArtifactList } from '../schemas/artifact.ts';
import { FormatList, LossList, Method, MethodList, ZooList, ZooModel } from '../schemas/catalogue.ts';
import { Problem } from '../schemas/common.ts';
import { Comparison, ComparisonList } from '../schemas/comparisons.ts';
import { Dataset, DatasetList } from '../schemas/dataset.ts';
import { EventList, JobEvent, LogPage } from '../schemas/event.ts';
import { Liveness, Readiness } from '../schemas/health.ts';
import { Job, JobList } from '../schemas/job.ts';
import { QueueState } from '../schemas/queue.ts';
import { Session } from '../schemas/session.ts';
import { ValidationResult } from '../schemas/validation.ts';
import { Delivery, DeliveryList, Webhook, WebhookList, WebhookSecret, WebhookSecretState } from '../schemas/webhook.ts';

export const namedSchemas: Readonly<Record<string, object>> = {
  Artifact,
  ArtifactList,
  Cancellation,
  Comparison,
  ComparisonList,
  ComparisonSpec,
  ComparisonTraining,
  Dataset,
  DatasetDescription,
  DatasetSamples,
  DatasetList,
  DatasetSpec,
  Delivery,
  DeliveryList,
  EventList,
  FormatList,
  Job,
  JobEvent,
  JobList,
  JobSpec,
  Liveness,
  LogPage,
  LossList,
  Method,
  MethodList,
  Problem,
  QueueState,
  Readiness,
  RecommendationSpec,
  Session,
  ValidationResult,
  Webhook,
  WebhookList,
  WebhookSecret,
  WebhookSecretState,
  WebhookSpec,
  ZooList,
  ZooModel,
};

/** Equal for a schema and for what the document makes of it: keys in any order, const as an enum of one, records by additionalProperties. */
function canonical(schema: unknown): string {
  return JSON.stringify(schema, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => {
      if (key === 'const') return ['enum', [inner]] as const;
      if (key === 'patternProperties') return ['additionalProperties', Object.values(inner)[0]] as const;
      return [key, inner] as const;
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const names = new Map(Object.entries(namedSchemas).map(([name, schema]) => [canonical(schema), name]));

/** A property with a default is required in the parsed specification, and optional in a request. */
function withOptionalDefaults(value: object): object {
  if (!('required' in value && Array.isArray(value.required) && 'properties' in value)) return value;
  const properties = Object.entries(value.properties as Readonly<Record<string, object>>);
  const hasDefault = new Set(properties.filter(([, schema]) => 'default' in schema).map(([name]) => name));
  return { ...value, required: value.required.filter((name: string) => !hasDefault.has(name)) };
}

/** Arrays of fixed members, as JSON Schema 2020-12 writes them, which OpenAPI 3.1 refers to. Their length is said by minItems and maxItems. */
function withPrefixItems(value: object): object {
  if (!('items' in value && Array.isArray(value.items))) return value;
  const { items, ...rest } = value;
  return { ...rest, additionalItems: undefined, prefixItems: items };
}

/** Routes call what matches the rest of a path `*`, generators of clients want a word. */
function withNamedWildcards(paths: unknown): unknown {
  const text = JSON.stringify(paths).replaceAll('{*}', '{name}').replaceAll('"name":"*"', '"name":"name"');
  return JSON.parse(text);
}

/** The document with its named schemas as components. */
export function withComponents<T extends { paths?: unknown; components?: object }>(document: T): T {
  const schemas: Record<string, unknown> = {};
  const refer = (value: unknown): unknown => {
    const name = typeof value === 'object' && value !== null ? names.get(canonical(value)) : undefined;
    if (name === undefined) return referInside(value);
    schemas[name] ??= referInside(value);
    return { $ref: `#/components/schemas/${name}` };
  };
  const referInside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(refer);
    if (typeof value !== 'object' || value === null) return value;
    const written = Object.entries(withPrefixItems(withOptionalDefaults(value)));
    return Object.fromEntries(
      written.filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, refer(inner)]),
    );
  };
  const paths = refer(withNamedWildcards(document.paths));
  return { ...document, paths, components: { ...document.components, schemas } };
}
