/** The interface of a zoo model: a named generator of stock tfjs-layers topologies. */
import type { Static, TObject } from 'typebox';
import { completeOptions, refuseOptions } from '../../complete-options.ts';
import type { PlacedProblem } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';

export interface ZooModel {
  readonly name: string;
  /** One or two sentences: the network and its differences from the publication. */
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
  /** Problems that the schema cannot express, such as relations between options. */
  check?(options: Static<T>): PlacedProblem[];
  build(options: Static<T>): JsonObject;
}

/** Adds the checking of options to a typed generator. */
export function defineZooModel<T extends TObject>(definition: Definition<T>): ZooModel {
  const { name, summary, reference, options: schema } = definition;
  const place = { owner: `zoo model "${name}"`, pointer: '' };
  const resolve = (options: unknown = {}): Static<T> => {
    const resolved = completeOptions(schema, options, place);
    const problems = definition.check?.(resolved) ?? [];
    return problems.length > 0 ? refuseOptions(problems, place) : resolved;
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
