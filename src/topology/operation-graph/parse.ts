/** A graph out of its JSON: every member of the form that ./graph.ts states, nothing else. */
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../../errors.ts';
import { bindNode, checkReferences } from './bind.ts';
import { constantData } from './constants.ts';
import type { OperationGraph } from './graph.ts';

const strict = { additionalProperties: false } as const;
const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);
const DtypeSchema = Type.Enum(['float32', 'int32', 'bool']);
const Name = Type.String({ minLength: 1, maxLength: 1000 });
const Count = Type.Integer({ minimum: 0 });
const Extents = Type.Array(Type.Union([Count, Type.String(), Type.Null()]), { maxItems: 32 });
const Output = Type.Union([Name, Type.Array(Name), Type.Null()]);

const GraphSchema = Type.Object(
  {
    format: Type.Literal('operations'),
    version: Type.Literal(1),
    name: Type.String(),
    producer: Type.String(),
    origin: Type.String(),
    mode: Type.Enum(['train', 'eval']),
    inputs: Type.Array(
      Type.Object({ name: Name, dtype: DtypeSchema, shape: Extents, example: Type.Array(Count) }, strict),
      { minItems: 1 },
    ),
    params: Type.Array(
      Type.Object(
        {
          name: Name,
          aliases: Type.Array(Name),
          refs: Type.Array(Name),
          shape: Type.Array(Count),
          dtype: DtypeSchema,
          stored: Type.String(),
          isParameter: Type.Boolean(),
          trainable: Type.Boolean(),
        },
        strict,
      ),
    ),
    constants: Type.Array(
      Type.Object({ name: Name, dtype: DtypeSchema, shape: Type.Array(Count), data: Type.String() }, strict),
    ),
    nodes: Type.Array(
      Type.Object(
        {
          op: Name,
          name: Type.String(),
          module: Type.String(),
          args: Type.Record(Type.String(), Type.Any()),
          outputs: Type.Array(Output),
        },
        strict,
      ),
    ),
    outputs: Type.Array(Name, { minItems: 1 }),
    shapes: Type.Array(Type.Object({ name: Name, shape: Extents }, strict)),
    symbols: Type.Array(Type.Object({ name: Name, min: Type.Number(), max: nullable(Type.Number()) }, strict)),
    elementsPerSample: Type.Number({ minimum: 0 }),
    notices: Type.Array(Type.String()),
  },
  strict,
);

/** Throws MODEL_MALFORMED with the pointer, LAYER_UNKNOWN for an operation that is not supported. */
export function parseGraph(json: unknown): OperationGraph {
  if (!Value.Check(GraphSchema, json)) {
    const [first] = Value.Errors(GraphSchema, json);
    const pointer = first?.instancePath ?? '';
    const message = `the operation graph is malformed at ${pointer || '/'}: ${first?.message ?? 'unknown'}`;
    throw new AppError('MODEL_MALFORMED', message, { problems: [{ pointer, message }] });
  }
  const graph = json as unknown as OperationGraph;
  checkReferences(graph);
  graph.constants.forEach(constantData);
  return { ...graph, nodes: graph.nodes.map(bindNode) };
}
