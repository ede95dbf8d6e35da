/** Reads one call of a layer in a functional model: its input tensors and its other arguments. */

import { isJsonObject, type Json, type JsonObject, ownValue, show } from '../json.ts';
import { findSpec } from '../topology/find-spec.ts';
import { malformed } from '../topology/flatten.ts';
import type { CallSpec } from '../topology/layer-spec.ts';
import type { RawCall, RawRef } from '../topology/raw-model.ts';

/** The layer that is called. */
export interface Callee {
  readonly name: string;
  readonly className: string;
  /** JSON pointer of the layer. */
  readonly pointer: string;
  /** The arguments that the layer accepts beside its inputs. */
  readonly call: CallSpec;
}

/** Names of the first tensor argument in Keras. */
const firstArguments: ReadonlySet<string> = new Set(['inputs', 'input', 'x', 'x1', 'x2', 'sequences', 'sequence']);

/** The call arguments that layers of the class accept. */
export const callOf = (className: string): CallSpec => findSpec(className)?.call ?? {};

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The form [layer, call, output] of all formats; a fourth entry holds call arguments. */
export function readRef(value: Json | undefined): RawRef | undefined {
  if (!Array.isArray(value) || value.length < 3 || value.length > 4) return undefined;
  const [layer, call, output] = value;
  return typeof layer === 'string' && isIndex(call) && isIndex(output) ? { layer, call, output } : undefined;
}

/** A tensor of Keras 3, which is an object with the layer, call and output that produced it. */
export function readTensor(value: Json): RawRef | undefined {
  if (!isJsonObject(value)) return readRef(value);
  const config = value.class_name === '__keras_tensor__' ? value.config : undefined;
  return isJsonObject(config) ? readRef(config.keras_history) : undefined;
}

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** Collects the tensors of a call while it visits the arguments. */
class CallReader {
  readonly #callee: Callee;
  readonly #positional: RawRef[] = [];
  readonly #named = new Map<string, RawRef>();
  readonly #extras = new Map<string, RawRef | readonly RawRef[]>();
  readonly #masks = new Map<number, RawRef>();
  readonly #call: Record<string, unknown> = {};

  constructor(callee: Callee) {
    this.#callee = callee;
  }

  fail(problem: string): never {
    const { name, className, pointer } = this.#callee;
    return malformed(pointer, `layer "${name}" (${className}): ${problem}`);
  }

  /** Reads a tensor, a list of tensors or an object of tensors. */
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
    const { tensors = [], extras = [], flags = [] } = this.#callee.call;
    const key = tensors.includes(camelOrSnake) ? camelOrSnake : snakeCase(camelOrSnake);
    const ref = readTensor(value);
    if (ref && tensors.includes(key)) this.#named.set(key, ref);
    else if (extras.includes(key)) this.#extra(key, value);
    else if (firstArguments.has(key) && value !== null) this.argument(value);
    else if (key === 'training' && typeof value === 'boolean') this.#call.training = value;
    else if (isEmpty(value)) return;
    else if (key === 'mask' || tensors.some((slot) => key === `${slot}_mask`)) this.#mask(key, value);
    else if (ref || !flags.includes(key)) this.fail(`is called with ${key}, which is not supported`);
    else this.#call[key] = value;
  }

  #extra(key: string, value: Json): void {
    if (isEmpty(value)) return;
    const ref = readTensor(value);
    const list = Array.isArray(value) ? value : [];
    const refs = list.map((entry) => readTensor(entry) ?? this.fail(`${key} must be tensors`));
    if (!ref && refs.length === 0) this.fail(`${key} must be a tensor or a list of tensors`);
    this.#extras.set(key, ref ?? refs);
  }

  /** Reads one mask for the first input, or a list with one mask per input. */
  #mask(key: string, value: Json): void {
    const { tensors = [] } = this.#callee.call;
    const list = readTensor(value) || !Array.isArray(value) ? [value] : value;
    const first = Math.max(
      0,
      tensors.findIndex((slot) => key === `${slot}_mask`),
    );
    list.forEach((entry, index) => {
      if (entry !== null) this.#masks.set(first + index, readTensor(entry) ?? this.fail(`${key} must be a tensor`));
    });
  }

  /** The inputs: positional arguments first, the remaining ones by name. */
  #inputs(): RawRef[] {
    const inputs = [...this.#positional];
    const { tensors = [] } = this.#callee.call;
    for (let slot = tensors[inputs.length]; slot !== undefined; slot = tensors[inputs.length]) {
      const ref = this.#named.get(slot);
      if (!ref) break;
      this.#named.delete(slot);
      inputs.push(ref);
    }
    if (this.#named.size > 0)
      this.fail(`is called with ${[...this.#named.keys()]} twice, or without what comes before it in ${tensors}`);
    return inputs.length > 0 ? inputs : this.fail('is called without a tensor');
  }

  finish(): RawCall {
    const inputs = this.#inputs();
    const { tensors = [], extras = [] } = this.#callee.call;
    // Keras 2 and tfjs write the initial states of a recurrent layer as additional inputs.
    if (tensors.length === 0 && extras.includes('initial_state') && inputs.length > 1)
      this.#call.initial_state = inputs.slice(1).map((_, index) => index + 1);
    const plain = inputs.length;
    const place = (ref: RawRef) => inputs.push(ref) - 1;
    for (const [key, refs] of this.#extras) this.#call[key] = 'layer' in refs ? place(refs) : refs.map(place);
    if (this.#masks.size === 0) return { inputs, call: this.#call };
    const masks = inputs.map((_, index) => (index < plain ? (this.#masks.get(index) ?? null) : null));
    return { inputs, call: this.#call, masks };
  }
}

/** True for null, false, and lists and objects of such values: arguments that were not used. */
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
  // Every entry repeats the keyword arguments of the call, so that the first one suffices.
  const kwargs = (entries[0] as Json[] | undefined)?.[3];
  if (isJsonObject(kwargs)) reader.keywords(kwargs);
  return reader.finish();
}
