/** Requests are validated by TypeBox, as all input of this project. Answers are validated in tests only. */
import type { FastifySchemaCompiler } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../../errors.ts';
import { pointerTo } from '../../pointer.ts';
import { inWords, schemaProblems } from '../../schema-problems.ts';
import type { App } from '../app-types.ts';

const places: Readonly<Record<string, string>> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** Values of a query string are texts. Those that are exactly a number or a Boolean are converted where the schema requires one. */
function readTexts(schema: TSchema, texts: unknown): unknown {
  if (typeof texts !== 'object' || texts === null || !Type.IsObject(schema)) return texts;
  const entries = Object.entries(texts).map(([name, text]: [string, unknown]) => {
    const wanted: unknown = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    return [name, typeof text === 'string' ? readText(wanted, text) : text];
  });
  return Object.fromEntries(entries);
}

function readText(wanted: unknown, text: string): unknown {
  const type: unknown = typeof wanted === 'object' && wanted !== null ? Reflect.get(wanted, 'type') : undefined;
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  // Programming languages print doubles with up to 17 digits, and small ones with an exponent.
  if (type === 'number' && /^-?\d{1,15}(\.\d{1,30})?(e[+-]?\d{1,2})?$/i.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function refuse(schema: TSchema, value: unknown, place: string): AppError {
  const errors = schemaProblems(schema, value).map(({ pointer, message }) => ({
    pointer: `${pointerTo(place)}${pointer}`,
    message,
  }));
  return new AppError('INVALID_INPUT', inWords(errors, place), { problems: errors });
}

/** Bodies are parsed by src/contract, which fills in defaults and reports errors in detail. Here their schema serves the OpenAPI document only. */
const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  if (httpPart === 'body') return (value: unknown) => ({ value });
  const compiled = Compile(schema);
  const place = places[httpPart] ?? httpPart;
  return (given: unknown) => {
    const value = httpPart === 'querystring' ? readTexts(schema, given) : given;
    return compiled.Check(value) ? { value } : { error: refuse(schema, value, place) };
  };
};

export interface ValidationOptions {
  /** Fails with 500 for an answer that is not what its route declares. Costs time: for tests. */
  readonly checkResponses: boolean;
}

export function installValidation(app: App, { checkResponses }: ValidationOptions): void {
  app.setValidatorCompiler<TSchema>(compileValidator);
  // Answers are serialised by JSON.stringify: a serialiser made from the schema would silently omit properties that the schema lacks.
  app.setSerializerCompiler<TSchema>(({ schema, method, url, httpStatus }) => (value: unknown) => {
    if (checkResponses) checkResponse(schema, value, `${method} ${url} ${httpStatus}`);
    return JSON.stringify(value);
  });
}

function checkResponse(schema: TSchema, value: unknown, route: string): void {
  // The answer is checked as the client receives it: a Date is a text, and properties with the value undefined are absent.
  const problems = schemaProblems(schema, JSON.parse(JSON.stringify(value)));
  const text = problems.map(({ pointer, message }) => `${pointer || 'the answer'} ${message}`).join('; ');
  if (problems.length > 0) throw new Error(`${route}: the answer is not as declared: ${text}`);
}
