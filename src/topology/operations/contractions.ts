/** Operations that multiply and add up: matmul, dot, einsum, and dot-product attention. */
import type { ConfigReader } from '../config-reader.ts';
import { misfit } from '../layers/misfit.ts';
import { broadcastExtents, type Extent, type Extents, showExtents } from './extents.ts';
import type { OperationSpec } from './operation-spec.ts';

const agree = (a: Extent | undefined, b: Extent | undefined) => a === b || a === null || b === null;

/** Throws LAYER_INVALID where the extents that are summed over differ. */
function contract(a: Extents, b: Extents, i: Extent | undefined, j: Extent | undefined): void {
  if (i === undefined || j === undefined || !agree(i, j) || i === 'n')
    misfit(`${showExtents(a)} and ${showExtents(b)} cannot be multiplied`);
}

const matmul: OperationSpec<null> = {
  operands: ['x1', 'x2'],
  parse: () => null,
  shape(_, operands) {
    const [a, b] = [operands.one('x1'), operands.one('x2')];
    if (a.length < 2 || b.length < 2) return misfit('must have at least 2 axes each');
    contract(a, b, a.at(-1), b.at(-2));
    const lead = broadcastExtents(a.slice(0, -2), b.slice(0, -2));
    return [...lead, a.at(-2) as Extent, b.at(-1) as Extent];
  },
};

/** numpy's dot: the last axis of x1 with the last but one of x2 (the only one of a vector). */
const dot: OperationSpec<null> = {
  operands: ['x1', 'x2'],
  parse: () => null,
  shape(_, operands) {
    const [a, b] = [operands.one('x1'), operands.one('x2')];
    if (a.length === 0 || b.length === 0) return broadcastExtents(a, b);
    contract(a, b, a.at(-1), b.length === 1 ? b[0] : b.at(-2));
    return [...a.slice(0, -1), ...(b.length === 1 ? [] : [...b.slice(0, -2), b.at(-1) as Extent])];
  },
};

export interface EinsumAttributes {
  readonly inputs: readonly string[];
  readonly output: string;
}

function readSubscripts(config: ConfigReader): EinsumAttributes {
  const text = config.string('subscripts').replaceAll(' ', '');
  const match = /^([a-zA-Z]*)(,[a-zA-Z]*)?->([a-zA-Z]*)$/.exec(text);
  if (!match)
    return config.fail(
      'subscripts',
      'must be one or two lists of letters, "->" and a list of letters, without an ellipsis',
    );
  const inputs = [match[1] ?? '', ...(match[2] === undefined ? [] : [match[2].slice(1)])];
  const output = match[3] ?? '';
  const twice = [...inputs, output].find((letters) => new Set(letters).size !== letters.length);
  if (twice !== undefined)
    return config.fail('subscripts', `repeats a letter in "${twice}"; diagonals are not supported`);
  const unknown = [...output].find((letter) => !inputs.some((letters) => letters.includes(letter)));
  return unknown === undefined ? { inputs, output } : config.fail('subscripts', `has "${unknown}" in the output only`);
}

/** The extent of every letter. */
function lettersOf({ inputs }: EinsumAttributes, operands: readonly Extents[]): Map<string, Extent> {
  if (operands.length !== inputs.length)
    return misfit(`has ${operands.length} operands for ${inputs.length} lists of letters`);
  const extents = new Map<string, Extent>();
  inputs.forEach((letters, index) => {
    const shape = operands[index] as Extents;
    if (shape.length !== letters.length)
      misfit(`${showExtents(shape)} has ${shape.length} axes for the letters "${letters}"`);
    [...letters].forEach((letter, axis) => {
      const [known, extent] = [extents.get(letter), shape[axis] as Extent];
      if (known !== undefined && !agree(known, extent)) misfit(`"${letter}" stands for ${known} and ${extent}`);
      extents.set(letter, known ?? extent);
    });
  });
  return extents;
}

const einsum: OperationSpec<EinsumAttributes> = {
  operands: ['operands'],
  parse: readSubscripts,
  shape(attributes, operands) {
    const extents = lettersOf(attributes, operands.all('operands'));
    for (const [letter, extent] of extents)
      if (extent === 'n' && !attributes.output.includes(letter))
        return misfit('sums over the batch: samples are not mixed');
    return [...attributes.output].map((letter) => extents.get(letter) ?? null);
  },
};

export interface DotProductAttentionAttributes {
  readonly causal: boolean;
  readonly scale: number | null;
  readonly softCap: number | null;
}

const optional = (config: ConfigReader, key: string) =>
  (config.raw(key) ?? null) === null ? null : config.number(key);

/** query [n, T, H, d], key and value [n, S, K, d]; K divides H. */
const dotProductAttention: OperationSpec<DotProductAttentionAttributes> = {
  operands: ['query', 'key', 'value', 'bias', 'mask'],
  parse(config) {
    config.ignore('flash_attention');
    return {
      causal: config.boolean('is_causal', false),
      scale: optional(config, 'scale'),
      softCap: optional(config, 'attn_logits_soft_cap'),
    };
  },
  shape(_, operands) {
    const [query, key, value] = ['query', 'key', 'value'].map((name) => operands.one(name)) as [
      Extents,
      Extents,
      Extents,
    ];
    for (const extents of [query, key, value])
      if (extents.length !== 4)
        return misfit(`must have 4 axes (batch, time, heads, features), got ${showExtents(extents)}`);
    contract(query, key, query[3], key[3]);
    if (!agree(key[1], value[1]) || !agree(query[2], key[2]) || !agree(key[2], value[2]))
      return misfit('must have as many keys as values, and equal heads');
    return [...query.slice(0, 3), value[3] as Extent];
  },
};

export const contractions = {
  matmul,
  dot,
  einsum,
  dot_product_attention: dotProductAttention,
} as const satisfies Record<string, OperationSpec<unknown>>;
