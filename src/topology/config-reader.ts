/**
 * Reads one layer configuration, key by key, in both key styles (`kernel_size` in Python and `model.toJSON(null, false)`, `kernelSize` in tfjs), and
 * reports every defect as an error that names the layer, the key and the fix.
 */
import { AppError, type ErrorCode } from '../errors.ts';
import { camelCase, isJsonObject, type Json, type JsonObject, ownValue, show } from '../json.ts';
import { type Initializer, parseInitializer } from './initializers.ts';

export { isJsonObject, type Json, type JsonObject, show };

interface Range {
  min?: number;
  max?: number;
}

export class ConfigReader {
  readonly layerName: string;
  readonly className: string;
  readonly #config: JsonObject;
  readonly #pointer: string;
  /** Keys that have been read, in both styles. */
  readonly #asked = new Set<string>();
  readonly #nested: ConfigReader[] = [];

  /** `pointer` is the JSON pointer of the configuration in the posted topology. */
  constructor(layerName: string, className: string, config: JsonObject, pointer: string) {
    this.layerName = layerName;
    this.className = className;
    this.#config = config;
    this.#pointer = pointer;
  }

  /** Throws LAYER_INVALID (or `code`) naming the layer, the key and the pointer. */
  fail(key: string, problem: string, code: ErrorCode = 'LAYER_INVALID'): never {
    const pointer = `${this.#pointer}/${key}`;
    const message = `layer "${this.layerName}" (${this.className}): ${key} ${problem}`;
    throw new AppError(code, message, { details: { layer: this.layerName, key }, problems: [{ pointer, message }] });
  }

  /** The unparsed value; undefined when the key is absent in both styles. Only own properties are considered. */
  raw(key: string): Json | undefined {
    this.#asked.add(key).add(camelCase(key));
    return ownValue(this.#config, key);
  }

  /** Marks keys as known without using their values. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.raw(key);
  }

  /** The entries that have not been read, those of nested layers included, each with the reader that contains it. */
  unread(): { readonly reader: ConfigReader; readonly key: string; readonly value: Json }[] {
    const own = Object.entries(this.#config).filter(([key]) => !this.#asked.has(key));
    const entries = own.map(([key, value]) => ({ reader: this as ConfigReader, key, value }));
    return [...entries, ...this.#nested.flatMap((reader) => reader.unread())];
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'boolean' ? value : this.fail(key, `must be true or false, got ${show(value)}`);
  }

  number(key: string, fallback?: number, { min = -Infinity, max = Infinity }: Range = {}): number {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value))
      return this.fail(key, `must be a number, got ${show(value)}`);
    if (value < min || value > max) return this.fail(key, `must lie in [${min}, ${max}], got ${value}`);
    return value;
  }

  /** An integer. The default range is that of TensorFlow's 32-bit indexes. */
  integer(key: string, fallback?: number, { min = -(2 ** 31), max = 2 ** 31 }: Range = {}): number {
    const value = this.number(key, fallback, { min, max });
    return Number.isSafeInteger(value) ? value : this.fail(key, `must be a whole number, got ${value}`);
  }

  /** One number for all axes, or one number per axis. */
  integers(
    key: string,
    length: number,
    fallback?: number | readonly number[],
    { min = 1, max = 2 ** 31 }: Range = {},
  ): number[] {
    const value = this.raw(key) ?? (fallback as Json | undefined);
    const list = Array.isArray(value) ? value : Array.from({ length }, () => value ?? null);
    const valid = list.every(
      (entry) => typeof entry === 'number' && Number.isSafeInteger(entry) && entry >= min && entry <= max,
    );
    if (!valid || list.length !== length) {
      return this.fail(key, `must be a whole number or ${length} of them in [${min}, ${max}], got ${show(value)}`);
    }
    return list as number[];
  }

  oneOf<const T extends string>(key: string, allowed: readonly T[], fallback?: T): T {
    const value = this.raw(key) ?? fallback;
    const found = allowed.find((name) => name === value);
    return found ?? this.fail(key, `must be one of ${allowed.join(', ')}, got ${show(value)}`);
  }

  string(key: string, fallback?: string): string {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'string' ? value : this.fail(key, `must be a text, got ${show(value)}`);
  }

  /** An initializer in tfjs or Keras 3 form, or its name; `fallback` where the key is absent or null. */
  initializer(key: string, fallback: string): Initializer {
    return parseInitializer(this.raw(key) ?? fallback, (problem) => this.fail(key, problem));
  }

  /** A nested layer ({ class_name, config }), for wrappers. */
  nested(key: string): { className: string; reader: ConfigReader } {
    return this.#layer(this.raw(key), key);
  }

  /** A list of nested layers. */
  nestedList(key: string): { className: string; reader: ConfigReader }[] {
    const value = this.raw(key);
    if (!Array.isArray(value)) return this.fail(key, `must be a list of layers, got ${show(value)}`);
    return value.map((layer, index) => this.#layer(layer, `${key}/${index}`));
  }

  #layer(value: Json | undefined, key: string): { className: string; reader: ConfigReader } {
    if (!isJsonObject(value)) return this.fail(key, `must be a layer, got ${show(value)}`);
    const className = value.class_name ?? value.className;
    if (typeof className !== 'string' || !isJsonObject(value.config))
      return this.fail(key, 'must have class_name and config');
    const name = typeof value.config.name === 'string' ? value.config.name : this.layerName;
    const reader = new ConfigReader(name, className, value.config, `${this.#pointer}/${key}/config`);
    this.#nested.push(reader);
    return { className, reader };
  }
}
