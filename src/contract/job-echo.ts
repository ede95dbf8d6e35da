/** The specification as GET of a job returns it: complete, except that an inline topology, which may have megabytes, is replaced by its digest. */
import { type Static, Type } from 'typebox';
import { JobSpec, UploadedModelSpec, ZooModelSpec } from './job-spec.ts';
import { topologyDigest } from './topology-digest.ts';
import { echoOfWebhook, WebhookEcho } from './webhook.ts';

const strict = { additionalProperties: false } as const;

const TopologyEcho = Type.Object(
  {
    format: Type.Union([Type.String(), Type.Null()], {
      description: 'As given; null when it was left to be detected.',
    }),
    topology: Type.Object(
      {
        name: Type.Union([Type.String(), Type.Null()], { description: 'That the topology gives itself.' }),
        sha256: Type.String({ description: 'Of its JSON without white space, keys in the order of the request.' }),
        bytes: Type.Integer({ description: 'Length of that JSON in UTF-8.' }),
      },
      strict,
    ),
  },
  { ...strict, description: 'A topology that was posted inline.' },
);

const { model: _model, metadata: _metadata, webhook: _webhook, ...rest } = JobSpec.properties;

export const JobEcho = Type.Object(
  {
    ...rest,
    model: Type.Union([ZooModelSpec, UploadedModelSpec, TopologyEcho]),
    webhook: Type.Optional(WebhookEcho),
  },
  { ...strict, description: 'What the job was asked to do, with defaults filled in.' },
);
export type JobEcho = Static<typeof JobEcho>;

/**
 * Finds the model's name at the start of a topology's configuration, inside any envelope; no match where the name stands elsewhere. The text, which
 * may have megabytes, is not parsed. The part before the name must contain no list, because layers, whose names would match too, are in a list.
 */
const namePattern = /^[^[\]]{0,500}?"config":\{"name":("(?:[^"\\]|\\.){1,200}")/;

function nameOf(topology: string): string | null {
  const [, name] = namePattern.exec(topology.slice(0, 2000)) ?? [];
  return name === undefined ? null : (JSON.parse(name) as string);
}

/** The specification as GET of a job returns it, without metadata (a separate member of the answer) and the webhook's secret. */
export function echoOf({ metadata: _, model, webhook, ...given }: JobSpec): JobEcho {
  const spec = { ...given, ...(webhook ? { webhook: echoOfWebhook(webhook) } : {}) };
  if (!('topology' in model)) return { ...spec, model };
  const text = typeof model.topology === 'string' ? model.topology : JSON.stringify(model.topology);
  const topology = { name: nameOf(text), ...topologyDigest(text) };
  return { ...spec, model: { format: model.format ?? null, topology } };
}
