/** Reads one call of a layer in a functional model: which tensors it gets, and its other arguments. */

import { isJsonObject, type Json, type JsonObject, ownValue, show } from '../json.ts';
import { malformed } from '../topology/flatten.ts';
import type { RawCall, RawRef } from '../topology/raw-model.ts';

/** The layer that is called. */
export interface Callee {
  readonly name: string;
  readonly className: string;
  /** JSON pointer of the layer. */
  readonly pointer: string;
  /** Names of its tensor arguments in order, where it has several. */
  readonly slots: readonly string[];
}

/** Keras' names of the first tensor argument. */
const firstArguments: ReadonlySet<string> = new Set(['inputs', 'input', 'x', 'x1', 'x2', 'sequences']);

/** Arguments that are not tensors and change what a layer computes. */
const keptArguments: ReadonlySet<string> = new Set(['use_causal_mask']);

/** Arguments that change nothing here: dropout is off and batch statistics are chosen by the run. */
const ignoredArguments: ReadonlySet<string> = new Set(['training']);

/** The tensor arguments of a layer class. */
export function slotsOf(className: string): readonly string[] {
  return /Attention$/.test(className) ? ['query', 'value', 'key'] : [];
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** [layer, call, output] as all formats write it; a fourth entry holds call arguments. */
export function readRef(value: Json | undefined): RawRef | undefined {
  if (!Array.isArray(value) || value.length < 3 || value.length > 4) return undefined;
  const [layer, call, output] = value;
  return typeof layer === 'string' && isIndex(call) && isIndex(output) ? { layer, call, output } : undefined;
}

/** Keras 3 writes a tensor as an object that names where it comes from. */
function readTensor(value: Json): RawRef | undefined {
  if (!isJsonObject(value)) return readRef(value);
  const config = value.class_name === '__keras_tensor__' ? value.config : undefined;
  return isJsonObject(config) ? readRef(config.keras_history) : undefined;
}

/** Collects the tensors of a call as it walks the arguments. */
class CallReader {
  readonly #callee: Callee;
  readonly #positional: RawRef[] = [];
  readonly #named = new Map<string, RawRef>();
  readonly #call: Record<string, unknown> = {};

  constructor(callee: Callee) {
    this.#callee = callee;
  }

  fail(problem: string): never {
    const { name, className, pointer } = this.#callee;
    return malformed(pointer, `layer "${name}" (${className}): ${problem}`);
  }

  /** A tensor, a list of tensors or an object of tensors. */
  argument(value: Json): void {
    const ref = readTensor(value);
    if (ref) this.#positional.push(ref);
    else if (Array.isArray(value)) for (const entry of value) this.argument(entry);
    else if (isJsonObject(value) && !Object.hasOwn(value, 'class_name')) this.keywords(value);
    else if (value !== null) this.fail(`is called with ${show(value)}, only tensors can be passed to it`);
  }

  keywords(values: JsonObject): void {
    for (const [key, value] of Object.entries(values)) this.#keyword(key, value);
  }

  #keyword(camelOrSnake: string, value: Json): void {
    const { slots } = this.#callee;
    const key = slots.includes(camelOrSnake)
      ? camelOrSnake
      : camelOrSnake.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
    const ref = readTensor(value);
    if (ref && slots.includes(key)) this.#named.set(key, ref);
    else if (firstArguments.has(key) && value !== null) this.argument(value);
    else if (isEmpty(value) || ignoredArguments.has(key)) return;
    else if (ref || !keptArguments.has(key)) this.fail(`is called with ${key}, which is not supported`);
    else this.#call[key] = value;
  }

  finish(): RawCall {
    const inputs = [...this.#positional];
    const { slots } = this.#callee;
    for (let slot = slots[inputs.length]; slot !== undefined; slot = slots[inputs.length]) {
      const ref = this.#named.get(slot);
      if (!ref) break;
      this.#named.delete(slot);
      inputs.push(ref);
    }
    if (this.#named.size > 0)
      this.fail(`is called with ${[...this.#named.keys()]} twice, or without what comes before it in ${slots}`);
    if (inputs.length === 0) this.fail('is called without a tensor');
    return { inputs, call: this.#call };
  }
}

/** null, false, and lists and objects of nothing else: arguments that were not used. */
function isEmpty(value: Json): boolean {
  if (value === null || value === false) return true;
  return typeof value === 'object' && Object.values(value).every((entry: Json) => isEmpty(entry));
}

/** Reads one entry of inbound_nodes: `{ args, kwargs }` of Keras 3, or the list [[layer, call, output, kwargs], ...] of Keras 2 and tfjs. */
export function readCall(node: Json, callee: Callee): RawCall {
  const reader = new CallReader(callee);
  if (isJsonObject(node)) {
    reader.argument(ownValue(node, 'args') ?? []);
    const kwargs = ownValue(node, 'kwargs') ?? {};
    reader.keywords(isJsonObject(kwargs) ? kwargs : reader.fail('kwargs must be an object'));
    return reader.finish();
  }
  if (!Array.isArray(node)) return reader.fail(`inbound_nodes must hold lists or objects, got ${show(node)}`);
  const entries = typeof node[0] === 'string' ? [node] : node;
  for (const entry of entries) {
    if (!readRef(entry)) return reader.fail(`inbound_nodes must name [layer, call, output], got ${show(entry)}`);
    reader.argument((entry as Json[]).slice(0, 3));
  }
  // Every entry repeats the keyword arguments of the call.
  const kwargs = (entries[0] as Json[] | undefined)?.[3];
  if (isJsonObject(kwargs)) reader.keywords(kwargs);
  return reader.finish();
}
