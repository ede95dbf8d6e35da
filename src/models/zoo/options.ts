/** Options of zoo models: strict schemas with a default for every option. */
import { type TObject, type TProperties, Type } from 'typebox';

/** A strict object of options. Each has a default or is optional, so that a caller may omit all of them. */
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
