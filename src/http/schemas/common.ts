/** Parts that several resources share. */
import { type TProperties, type TSchema, Type } from 'typebox';

/** Unknown properties are refused in requests and are a bug in answers. */
export const strict = <P extends TProperties>(properties: P, options: { description?: string } = {}) =>
  Type.Object(properties, { ...options, additionalProperties: false });

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Timestamp = Type.String({ description: 'ISO 8601, UTC.' });
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Lower-case hex.' });
export const Bytes = Type.Integer({ minimum: 0, description: 'Bytes.' });

/** RFC 9457, with the members that this API adds to it. */
export const Problem = strict(
  {
    type: Type.String({ description: 'A URI of the kind of problem, one for each code.' }),
    title: Type.String({ description: 'The meaning of the code.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong with this request, and the fix.' }),
    instance: Type.String({ description: 'The path of the request.' }),
    code: Type.String({ description: 'Stable; what programs compare.' }),
    errors: Type.Array(
      strict({ pointer: Type.String({ description: 'JSON pointer (RFC 6901).' }), message: Type.String() }),
      {
        description: 'Every place that is wrong, where places can be named.',
      },
    ),
    requestId: Type.String({ description: 'Also in the log and in the X-Request-Id header.' }),
  },
  { description: 'A problem (RFC 9457).' },
);

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

/** Answers that every route may give besides its own. */
export const commonProblems = {
  400: problem('The request is malformed.'),
  401: problem('The bearer token is missing or unknown.'),
  403: problem('The key lacks a scope.'),
  429: problem('Too many requests or too many queued jobs; see Retry-After.'),
  500: problem('A bug of the service.'),
  503: problem('Redis, the store or the server itself cannot serve now; see Retry-After.'),
} as const;

export const problems = {
  404: problem('There is no such thing, or it belongs to another key.'),
  409: problem('The state of the thing does not allow this.'),
  413: problem('The body is larger than allowed.'),
  415: problem('The Content-Type is not taken here.'),
  416: problem('The range does not lie in the content.'),
  422: problem('The request is well-formed and cannot be carried out.'),
} as const;
