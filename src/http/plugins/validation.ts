/** Requests are checked by TypeBox, the same checker as everywhere; answers are checked only when asked for (tests). */
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

/** Query strings carry texts: those that are exactly a number or a truth value become one where the schema asks for it. */
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
  // As languages print doubles: up to 17 digits, with an exponent where they are small.
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

/** Bodies are parsed by the contract, which fills in defaults and has better words; their schema is for the documentation. */
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
  // Answers are written as they are: a serialiser made from the schema would drop what it does not know without a word.
  app.setSerializerCompiler<TSchema>(({ schema, method, url, httpStatus }) => (value: unknown) => {
    if (checkResponses) checkResponse(schema, value, `${method} ${url} ${httpStatus}`);
    return JSON.stringify(value);
  });
}

function checkResponse(schema: TSchema, value: unknown, route: string): void {
  // As the client will see it: a Date is a text, undefined is nothing.
  const problems = schemaProblems(schema, JSON.parse(JSON.stringify(value)));
  const text = problems.map(({ pointer, message }) => `${pointer || 'the answer'} ${message}`).join('; ');
  if (problems.length > 0) throw new Error(`${route}: the answer is not as declared: ${text}`);
}
