/** What a zoo model is: a named generator of stock tfjs-layers topologies. */
import type { Static, TObject } from 'typebox';
import type { JsonObject } from '../../json.ts';
import { type OptionProblem, parseOptions, refuseOptions } from './options.ts';

export interface ZooModel {
  readonly name: string;
  /** One or two sentences: what it is and what differs from the publication. */
  readonly summary: string;
  readonly reference: string;
  readonly options: TObject;
  /** The options with their defaults; throws OPTION_INVALID. */
  resolve(options?: unknown): Record<string, unknown>;
  /** The topology as `model.toJSON(null, false)` writes it; throws OPTION_INVALID. */
  build(options?: unknown): JsonObject;
}

interface Definition<T extends TObject> {
  readonly name: string;
  readonly summary: string;
  readonly reference: string;
  readonly options: T;
  /** Problems that the schema cannot say (one option against another). */
  check?(options: Static<T>): OptionProblem[];
  build(options: Static<T>): JsonObject;
}

/** Puts the checking of options in front of a typed generator. */
export function defineZooModel<T extends TObject>(definition: Definition<T>): ZooModel {
  const { name, summary, reference, options: schema } = definition;
  const resolve = (options: unknown = {}): Static<T> => {
    const resolved = parseOptions(name, schema, options);
    const problems = definition.check?.(resolved) ?? [];
    return problems.length > 0 ? refuseOptions(name, problems) : resolved;
  };
  return {
    name,
    summary,
    reference,
    options: schema,
    resolve: (options) => ({ ...resolve(options) }),
    build: (options) => definition.build(resolve(options)),
  };
}
