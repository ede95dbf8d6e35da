/** Generates the types of the Python client from the OpenAPI document: a TypedDict per named schema and per object inside one. */
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';
import { openApiDocument } from './openapi-document.ts';

export const pythonTypesFile = 'clients/python/src/gradinit/types.py';

const header = `"""What travels over HTTP, out of /openapi.json: written by npm run client:types, not by hand."""

from __future__ import annotations

import sys
from typing import Any, Literal, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict
`;

const scalars: Readonly<Record<string, string>> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  null: 'None',
};

const capitalised = (text: string) =>
  text.replace(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, __, c: string) => c.toUpperCase());
const literal = (value: Json) =>
  value === null ? 'None' : typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);
const docOf = (schema: JsonObject) =>
  typeof schema.description === 'string'
    ? `    """${schema.description.replaceAll('\\', '\\\\').replaceAll('"""', "'''")}"""\n`
    : '';
const without = <T>(list: readonly T[]) => [...new Set(list)];

/** Python keywords, which cannot be names of class attributes. */
const keywords = new Set([
  'from',
  'class',
  'in',
  'is',
  'not',
  'and',
  'or',
  'global',
  'lambda',
  'pass',
  'None',
  'True',
  'False',
  'import',
]);
const isAttribute = (name: string) => /^[A-Za-z_]\w*$/.test(name) && !keywords.has(name);

/** Writes classes after those that they use; nested objects are named by their path. */
function createWriter() {
  const classes: string[] = [];

  function typeOf(schema: Json | undefined, name: string): string {
    if (!isJsonObject(schema)) return 'Any';
    if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? 'Any';
    if (Array.isArray(schema.enum)) return `Literal[${schema.enum.map(literal).join(', ')}]`;
    if (Array.isArray(schema.anyOf)) return unionOf(schema.anyOf, name);
    if (Array.isArray(schema.prefixItems)) return `list[${unionOf(schema.prefixItems, `${name}Item`)}]`;
    if (schema.type === 'array') return `list[${typeOf(schema.items, `${name}Item`)}]`;
    if (schema.type === 'object') return objectOf(schema, name);
    return typeof schema.type === 'string' ? (scalars[schema.type] ?? 'Any') : 'Any';
  }

  function unionOf(options: readonly Json[], name: string): string {
    const objects = options.filter((option) => isJsonObject(option) && option.properties !== undefined);
    const types = without(
      options.map((option) => typeOf(option, objects.length > 1 ? `${name}${options.indexOf(option) + 1}` : name)),
    );
    return types.length === 1 ? String(types[0]) : `Union[${types.join(', ')}]`;
  }

  function objectOf(schema: JsonObject, name: string): string {
    if (!isJsonObject(schema.properties)) return `dict[str, ${typeOf(schema.additionalProperties, `${name}Value`)}]`;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const fields = Object.entries(schema.properties).map(([key, inner]) => {
      const type = typeOf(inner, `${name}${capitalised(key)}`);
      return [key, required.has(key) ? type : `NotRequired[${type}]`] as const;
    });
    classes.push(
      fields.every(([key]) => isAttribute(key))
        ? `class ${name}(TypedDict):\n${docOf(schema)}${fields.map(([key, type]) => `    ${key}: ${type}\n`).join('') || '    pass\n'}`
        : `${name} = TypedDict(\n    "${name}",\n    {\n${fields.map(([key, type]) => `        ${literal(key)}: ${literal(type)},\n`).join('')}    },\n)\n`,
    );
    return name;
  }

  return { classes, typeOf };
}

/** The content of `pythonTypesFile`. */
export async function pythonTypes(): Promise<string> {
  const { components } = await openApiDocument();
  const { classes, typeOf } = createWriter();
  const schemas: unknown = JSON.parse(JSON.stringify(components?.schemas ?? {}));
  if (!isJsonObject(schemas)) throw new Error('the document names no schemas');
  for (const [name, schema] of Object.entries(schemas)) {
    const type = typeOf(schema, name);
    if (type !== name) throw new Error(`${name} is no object: the writer of Python types has no form for it`);
  }
  return [header, ...classes].join('\n\n');
}
