/** Puts the examples into the OpenAPI document: at named schemas, bodies, answers and ids in paths. */
import { isJsonObject, type JsonObject } from '../../json.ts';
import { answerExamples, bodyExamples, requestExamples } from '../examples.ts';

const schemaExamples: Readonly<Record<string, unknown>> = { ...answerExamples, ...requestExamples };

/** Which example has the id that a path begins with. */
const idsOf: Readonly<Record<string, string>> = {
  '/v1/jobs/': 'Job',
  '/v1/datasets/': 'Dataset',
  '/v1/comparisons/': 'Comparison',
  '/v1/webhooks/': 'Webhook',
  '/v1/methods/': 'Method',
  '/v1/zoo/': 'ZooModel',
};

const objectsOf = (value: unknown): [string, JsonObject][] =>
  isJsonObject(value)
    ? Object.entries(value).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]))
    : [];

function parameterExample(path: string, name: string): unknown {
  if (name === 'delivery') return exampleMember('Delivery', 'id');
  if (path.includes('/artifacts/') && name === 'name') return 'weights.safetensors';
  const start = Object.keys(idsOf).find((prefix) => path.startsWith(prefix));
  return start === undefined ? undefined : exampleMember(idsOf[start] as string, name);
}

function exampleMember(schema: string, member: string): unknown {
  const example = answerExamples[schema];
  return isJsonObject(example) ? example[member] : undefined;
}

function addToOperation(path: string, operation: JsonObject): void {
  const id = String(operation.operationId);
  for (const parameter of Array.isArray(operation.parameters) ? operation.parameters : []) {
    if (!isJsonObject(parameter) || parameter.in !== 'path') continue;
    const example = parameterExample(path, String(parameter.name));
    if (example !== undefined) Object.assign(parameter, { example });
  }
  if (isJsonObject(operation.requestBody)) addToBody(id, operation.requestBody);
  for (const [status, response] of objectsOf(operation.responses))
    for (const [type, content] of objectsOf(response.content)) {
      const named = isJsonObject(content.schema) && typeof content.schema.$ref === 'string';
      const example = answerExamples[`${id} ${type}`];
      if (!named && status.startsWith('2') && example !== undefined) Object.assign(content, { example });
    }
}

function addToBody(id: string, body: JsonObject): void {
  for (const [, content] of objectsOf(body.content)) {
    const example: unknown = Object.hasOwn(bodyExamples, id)
      ? bodyExamples[id as keyof typeof bodyExamples]
      : undefined;
    if (example !== undefined) Object.assign(content, { example });
  }
  // The framework calls every body required; the one that requires nothing may be left out.
  if (id === 'cancelJob') Object.assign(body, { required: false });
}

/** The document, in place. */
export function addExamples(document: { paths?: unknown; components?: { schemas?: unknown } }): void {
  for (const [name, schema] of objectsOf(document.components?.schemas))
    if (Object.hasOwn(schemaExamples, name)) Object.assign(schema, { examples: [schemaExamples[name]] });
  for (const [path, item] of objectsOf(document.paths))
    for (const [, operation] of objectsOf(item)) addToOperation(path, operation);
}
