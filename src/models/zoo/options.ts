/** Options of zoo models: strict schemas with a default for every option, and one clear error for what does not fit. */
import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../../errors.ts';
import { isJsonObject, type Json, type JsonObject, show } from '../../json.ts';

export interface OptionProblem {
  /** JSON pointer inside the options. */
  pointer: string;
  message: string;
}

/** A strict object of options. Every one has a default or is optional, so that none is required of the caller. */
export function optionsSchema<const T extends TProperties>(properties: T): TObject<T> {
  return Object.assign(Type.Object(properties, { additionalProperties: false }), { required: [] });
}

export const imageShape = (fallback: readonly [number, number, number]) =>
  Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), {
    description: 'Height, width and channels of the images.',
    minItems: 3,
    maxItems: 3,
    default: [...fallback],
  });

export const classes = (fallback = 10) =>
  Type.Integer({ description: 'Number of logits.', minimum: 1, maximum: 100_000, default: fallback });

export const batchNormOption = (fallback: boolean) =>
  Type.Boolean({ description: 'With batch normalisation.', default: fallback });

/** Throws OPTION_INVALID with every problem and its JSON pointer. */
export function refuseOptions(model: string, problems: readonly OptionProblem[]): never {
  const lines = problems.map(({ pointer, message }) => (pointer === '' ? message : `${pointer} ${message}`));
  throw new AppError('OPTION_INVALID', `zoo model "${model}": options ${lines.join('; ')}`, {
    details: { model, errors: problems },
  });
}

/** Unknown names and values nested too deeply: what must not reach the schema's own checks. */
function strayOptions(schema: TObject, options: JsonObject): OptionProblem[] {
  const known = Object.keys(schema.properties).join(', ');
  return Object.entries(options).flatMap(([name, value]) => {
    const pointer = pointerTo(name);
    if (!Object.hasOwn(schema.properties, name)) return { pointer, message: `is unknown; known are ${known}` };
    const message = `is nested more than ${deepestOption} levels deep`;
    return isDeeperThan(value, deepestOption) ? { pointer, message } : [];
  });
}

/** Fills in the defaults and checks; throws OPTION_INVALID. */
export function parseOptions<T extends TObject>(model: string, schema: T, options: unknown): Static<T> {
  if (!isJsonObject(options)) {
    return refuseOptions(model, [{ pointer: '', message: `must be an object, got ${show(options)}` }]);
  }
  const stray = strayOptions(schema, options);
  if (stray.length > 0) refuseOptions(model, stray);
  const filled: unknown = Value.Default(schema, structuredClone(options));
  if (Value.Check(schema, filled)) return filled;
  const problems = Value.Errors(schema, filled).map(({ instancePath, message, keyword, params }) => {
    const allowed = keyword === 'enum' && 'allowedValues' in params ? `: ${show(params.allowedValues)}` : '';
    return { pointer: instancePath, message: `${message}${allowed}, got ${show(at(options, instancePath))}` };
  });
  return refuseOptions(model, problems);
}

/** No option is more than a list of lists; what is deeper would overflow the stack of the checks below. */
const deepestOption = 4;

function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1));
}

const pointerTo = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The value a pointer leads to. Option names hold neither '~' nor '/'. */
function at(value: Json, pointer: string): Json | undefined {
  return pointer
    .split('/')
    .slice(1)
    .reduce<Json | undefined>((node, key) => {
      if (Array.isArray(node)) return node[Number(key)];
      return isJsonObject(node) && Object.hasOwn(node, key) ? node[key] : undefined;
    }, value);
}
