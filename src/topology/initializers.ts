/** The initialisers of topologies, as data. src/topology/draw-initial.ts draws from them. */
import { isJsonObject, type Json, type JsonObject, ownValue, show } from '../json.ts';

export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number; readonly truncated: boolean }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | VarianceScaling
  | { readonly kind: 'orthogonal'; readonly gain: number }
  | { readonly kind: 'identity'; readonly gain: number }
  /** The bias [4 units] of an LSTM: ones for the forget gate (the second quarter), `rest` elsewhere. */
  | { readonly kind: 'unit-forget-bias'; readonly rest: Initializer };

export interface VarianceScaling {
  readonly kind: 'variance-scaling';
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: 'normal' | 'truncated-normal' | 'uniform';
  /** Axes whose extents multiply to fan-in and fan-out (as in the attention kernels of Keras); absent: the rule for dense and convolution kernels. */
  readonly inputAxes?: readonly number[];
  readonly outputAxes?: readonly number[];
}

type FanMode = 'fanIn' | 'fanOut' | 'fanAvg';
type Fail = (problem: string) => never;

interface Config {
  number(key: string, fallback: number): number;
  oneOf<T>(key: string, values: ReadonlyMap<string, T>, fallback: T): T;
  axes(key: string): number[] | undefined;
}

/** The canonical form of a name: 'glorot_uniform', 'glorotUniform' and 'GlorotUniform' are equal. */
const fold = (name: string) => name.replaceAll('_', '').toLowerCase();

function find<T>(values: ReadonlyMap<string, T>, name: string): T | undefined {
  const wanted = fold(name);
  for (const [key, value] of values) if (fold(key) === wanted) return value;
  return undefined;
}

const modes = new Map<string, FanMode>([
  ['fan_in', 'fanIn'],
  ['fan_out', 'fanOut'],
  ['fan_avg', 'fanAvg'],
]);

// In Keras 'normal' means the truncated normal distribution, and 'untruncated_normal' the plain one.
const distributions = new Map<string, VarianceScaling['distribution']>([
  ['normal', 'truncated-normal'],
  ['truncated_normal', 'truncated-normal'],
  ['untruncated_normal', 'normal'],
  ['uniform', 'uniform'],
]);

function scaled(scale: number, mode: FanMode, distribution: VarianceScaling['distribution'], config: Config) {
  const inputAxes = config.axes('input_axes');
  const outputAxes = config.axes('output_axes');
  const axes = inputAxes && outputAxes ? { inputAxes, outputAxes } : {};
  return { kind: 'variance-scaling', scale, mode, distribution, ...axes } as const;
}

const constant = (value: number) => (): Initializer => ({ kind: 'constant', value });

const normal =
  (truncated: boolean) =>
  (config: Config): Initializer => {
    return { kind: 'normal', mean: config.number('mean', 0), stddev: config.number('stddev', 0.05), truncated };
  };

const uniform = (config: Config): Initializer => {
  return { kind: 'uniform', min: config.number('minval', -0.05), max: config.number('maxval', 0.05) };
};

const orthogonal = (config: Config): Initializer => ({ kind: 'orthogonal', gain: config.number('gain', 1) });
const identity = (config: Config): Initializer => ({ kind: 'identity', gain: config.number('gain', 1) });

const parsers = new Map<string, (config: Config) => Initializer>([
  ['zeros', constant(0)],
  ['zero', constant(0)],
  ['ones', constant(1)],
  ['one', constant(1)],
  ['constant', (config) => constant(config.number('value', 0))()],
  ['random_normal', normal(false)],
  ['normal', normal(false)],
  ['truncated_normal', normal(true)],
  ['random_uniform', uniform],
  ['uniform', uniform],
  ['glorot_uniform', (config) => scaled(1, 'fanAvg', 'uniform', config)],
  ['glorot_normal', (config) => scaled(1, 'fanAvg', 'truncated-normal', config)],
  ['he_uniform', (config) => scaled(2, 'fanIn', 'uniform', config)],
  ['he_normal', (config) => scaled(2, 'fanIn', 'truncated-normal', config)],
  ['lecun_uniform', (config) => scaled(1, 'fanIn', 'uniform', config)],
  ['lecun_normal', (config) => scaled(1, 'fanIn', 'truncated-normal', config)],
  ['variance_scaling', varianceScaling],
  ['orthogonal', orthogonal],
  ['orthogonal_initializer', orthogonal],
  ['identity', identity],
  ['identity_initializer', identity],
]);

function varianceScaling(config: Config): Initializer {
  const scale = config.number('scale', 1);
  const mode = config.oneOf('mode', modes, 'fanIn');
  return scaled(scale, mode, config.oneOf('distribution', distributions, 'truncated-normal'), config);
}

function readerOf(config: JsonObject, name: string, fail: Fail): Config {
  const own = (key: string) => ownValue(config, key) ?? undefined;
  return {
    number(key, fallback) {
      const value = own(key) ?? fallback;
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      return fail(`${name}.${key} must be a finite number, got ${show(value)}`);
    },
    oneOf(key, values, fallback) {
      const value = own(key);
      if (value === undefined) return fallback;
      const found = typeof value === 'string' ? find(values, value) : undefined;
      return found ?? fail(`${name}.${key} must be one of ${[...values.keys()].join(', ')}, got ${show(value)}`);
    },
    axes(key) {
      const value = own(key);
      if (value === undefined) return undefined;
      const valid = Array.isArray(value) && value.every((axis) => Number.isInteger(axis));
      return valid ? (value as number[]) : fail(`${name}.${key} must be a list of whole numbers, got ${show(value)}`);
    },
  };
}

/** Refuses negative and impossible standard deviations, so that drawing cannot fail. */
function check(initializer: Initializer, name: string, fail: Fail): Initializer {
  const { kind } = initializer;
  if (kind === 'normal' && initializer.stddev < 0) {
    fail(`${name}.stddev must not be negative, got ${initializer.stddev}`);
  }
  if (kind === 'variance-scaling' && initializer.scale <= 0) {
    fail(`${name}.scale must be above 0, got ${initializer.scale}`);
  }
  if (kind === 'uniform' && initializer.min > initializer.max) {
    fail(`${name}.minval must not exceed maxval, got ${initializer.min} and ${initializer.max}`);
  }
  return initializer;
}

/**
 * Parses the initialisers of tfjs-layers and Keras in all spellings: "glorotUniform", "glorot_uniform", "GlorotUniform", { class_name, config }, {
 * className, config } and Keras 3's { module, class_name, config, registered_name }.
 *
 * `fail` throws; its argument is a predicate that follows the name of the key ("is not a known initializer ...").
 */
export function parseInitializer(value: Json, fail: Fail): Initializer {
  const [name, config] = nameAndConfig(value, fail);
  const parser = find(parsers, name);
  if (!parser) return fail(`is not a known initializer: ${show(name)}. Known: ${[...parsers.keys()].join(', ')}`);
  return check(parser(readerOf(config, name, fail)), name, fail);
}

function nameAndConfig(value: Json, fail: Fail): [string, JsonObject] {
  if (typeof value === 'string') return [value, {}];
  if (!isJsonObject(value)) return fail(`must be an initializer, got ${show(value)}`);
  const name = ownValue(value, 'class_name');
  const config = ownValue(value, 'config') ?? {};
  if (typeof name !== 'string') return fail(`must be an initializer with a class_name, got ${show(value)}`);
  return isJsonObject(config) ? [name, config] : fail(`must have a config object, got ${show(config)}`);
}
