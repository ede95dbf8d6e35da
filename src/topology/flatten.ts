/**
 * Flattens nested models to one list of layers and one list of calls that refer to each other by position.
 *
 * The layers of a model that is called twice are listed once, their calls twice. Inputs of a nested model are replaced by the tensors that are passed
 * to it. Recursion follows only the nesting of models, which is limited; graphs of thousands of layers are traversed iteratively.
 */
import { AppError } from '../errors.ts';
import { type TopologyLimits, tooLarge } from './limits.ts';
import type { RawCall, RawLayer, RawModel, RawRef } from './raw-model.ts';
import { createStoreNames } from './store-names.ts';

export interface FlatLayer {
  readonly raw: RawLayer;
  /** Names of the enclosing models, outermost first, without the posted model itself. */
  readonly path: readonly string[];
  /** The group of the layer in weights files of Keras 3: 'layers/sequential/layers/dense_1'. */
  readonly store: string;
  readonly trainable: boolean;
}

export interface FlatCall {
  /** Index into `FlatGraph.layers`. */
  readonly layer: number;
  /** Indexes into `FlatGraph.calls`. */
  readonly inputs: readonly number[];
  readonly call: Readonly<Record<string, unknown>>;
  /** Indexes of the mask calls, one entry per input; absent where the call passes no masks. */
  readonly masks?: readonly (number | null)[];
  /** Set for an output after the first: output `output` of the call at position `call`. */
  readonly of?: { readonly call: number; readonly output: number };
}

export interface FlatGraph {
  readonly layers: readonly FlatLayer[];
  readonly calls: readonly FlatCall[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** One application of a container, with the scope in which its references are resolved. */
interface Instance {
  readonly model: RawModel;
  readonly byName: ReadonlyMap<string, RawLayer>;
  /** Position of each call, by layer name + '\n' + call number. */
  readonly calls: Map<string, number>;
  readonly nested: Map<string, Instance>;
  readonly inputs: ReadonlyMap<string, number>;
  /** References of this instance that have been resolved. */
  readonly resolved: Map<string, number>;
  /** The position of an output after the first of the call at `position`. */
  readonly further: (position: number, output: number) => number;
  /** For a nested model: the tensors passed to it, in the order of its inputs, and the instance in which their references are resolved. */
  readonly outer: { readonly instance: Instance; readonly passed: readonly RawRef[] } | null;
}

interface PendingCall {
  readonly layer: number;
  readonly instance: Instance;
  readonly raw: RawCall;
  /** The value of `training` passed to the call or to an enclosing model; undefined where none was passed. */
  readonly training: unknown;
  readonly of?: FlatCall['of'];
}

/** The context of a container. */
interface Surroundings {
  readonly outer: Instance['outer'];
  readonly path: readonly string[];
  /** Path of the container with a slash at the end; '' for the outermost one. */
  readonly store: string;
  readonly trainable: boolean;
  readonly training: unknown;
}

/** Marks a reference that is being resolved, to detect cycles. */
const UNDER_WAY = -1;

const key = (layer: string, call: number) => `${call}\n${layer}`;
const refKey = (ref: RawRef) => `${ref.output}\n${key(ref.layer, ref.call)}`;

/** Throws MODEL_MALFORMED with the JSON pointer. */
export function malformed(pointer: string, message: string): never {
  throw new AppError('MODEL_MALFORMED', message, { problems: [{ pointer, message }] });
}

function indexByName(model: RawModel): Map<string, RawLayer> {
  const byName = new Map<string, RawLayer>();
  for (const layer of model.layers) {
    const twin = byName.get(layer.name);
    if (twin)
      malformed(layer.pointer, `model "${model.name}": two layers are named "${layer.name}"; names must be unique`);
    byName.set(layer.name, layer);
  }
  return byName;
}

type Place = readonly [Instance, RawRef];

/** Follows a reference by one step: to a call, or to the corresponding reference inside or outside of a nested model. */
function step([where, at]: Place): number | Place {
  const { name, pointer } = where.model;
  const layer = where.byName.get(at.layer);
  if (!layer) return malformed(pointer, `model "${name}": layer "${at.layer}" is referred to but does not exist`);
  const inner = where.nested.get(key(at.layer, at.call));
  if (inner) {
    const output = inner.model.outputs[at.output];
    return output ? [inner, output] : malformed(layer.pointer, `model "${at.layer}" has no output ${at.output}`);
  }
  const position = where.calls.get(key(at.layer, at.call));
  if (position !== undefined) return at.output === 0 ? position : where.further(position, at.output);
  const passed = where.outer?.passed[where.inputs.get(at.layer) ?? -1];
  if (where.outer && passed) return [where.outer.instance, passed];
  return malformed(layer.pointer, `layer "${at.layer}": call ${at.call} of it is referred to but does not exist`);
}

/** Resolves a reference through nested models to a call. Results are cached, so that long chains are followed once. */
function resolve(start: Instance, ref: RawRef): number {
  const trail: Place[] = [];
  let place: Place = [start, ref];
  for (;;) {
    const [where, at] = place;
    const name = refKey(at);
    const known = where.resolved.get(name);
    if (known === UNDER_WAY) refuseSelfFeeding(trail);
    const next = known ?? step(place);
    if (typeof next === 'number') {
      for (const [instance, passed] of trail) instance.resolved.set(refKey(passed), next);
      return next;
    }
    where.resolved.set(name, UNDER_WAY);
    trail.push(place);
    place = next;
  }
}

function refuseSelfFeeding(trail: readonly Place[]): never {
  const layers = [...new Set(trail.map(([, ref]) => ref.layer))];
  throw new AppError('MODEL_CYCLE', `nested models feed themselves: ${layers.slice(0, 9).join(' -> ')}`, {
    details: { layers },
  });
}

/** Flattens `root`. Throws MODEL_MALFORMED, MODEL_TOO_LARGE or MODEL_CYCLE (nested models that depend on their own output). */
export function flatten(root: RawModel, limits: TopologyLimits): FlatGraph {
  const layers: FlatLayer[] = [];
  const positions = new Map<RawLayer, number>();
  const pending: PendingCall[] = [];
  let instances = 0;

  function register(raw: RawLayer, place: Omit<FlatLayer, 'raw'>): number {
    const known = positions.get(raw);
    if (known !== undefined) return known;
    if (layers.length >= limits.maxLayers)
      tooLarge(`the model has more than ${limits.maxLayers} layers`, { limit: limits.maxLayers });
    positions.set(raw, layers.length);
    return layers.push({ raw, ...place }) - 1;
  }

  function addCall(call: PendingCall): number {
    if (pending.length >= limits.maxNodes)
      tooLarge(`the model applies layers more than ${limits.maxNodes} times`, { limit: limits.maxNodes });
    return pending.push(call) - 1;
  }

  const furtherOutputs = new Map<string, number>();
  function further(position: number, output: number): number {
    const name = `${position}\n${output}`;
    const known = furtherOutputs.get(name);
    if (known !== undefined) return known;
    const added = addCall({ ...(pending[position] as PendingCall), of: { call: position, output } });
    furtherOutputs.set(name, added);
    return added;
  }

  function expand(model: RawModel, { outer, path, store: above, trainable, training }: Surroundings): Instance {
    if (path.length > limits.maxNestedModels)
      tooLarge(`models are nested deeper than ${limits.maxNestedModels} levels`);
    if (++instances > limits.maxNodes) tooLarge(`the model applies nested models more than ${limits.maxNodes} times`);
    const inputs = new Map(model.inputs.map((ref, index) => [ref.layer, index]));
    const byName = indexByName(model);
    const [calls, nested, resolved] = [new Map(), new Map(), new Map()];
    const instance: Instance = { model, byName, calls, nested, inputs, resolved, further, outer };
    const storeName = createStoreNames();
    for (const raw of model.layers) {
      const store = `${above}layers/${storeName(raw.className)}`;
      if (raw.className === 'InputLayer') {
        if (outer) continue;
        const layer = register(raw, { path, store, trainable });
        calls.set(key(raw.name, 0), addCall({ layer, instance, raw: { inputs: [], call: {} }, training }));
        continue;
      }
      if (raw.calls.length === 0)
        malformed(raw.pointer, `layer "${raw.name}" (${raw.className}) is not connected to anything`);
      raw.calls.forEach((rawCall, index) => {
        const inner = rawCall.call.training ?? training;
        if (raw.model) {
          const around = {
            path: [...path, raw.name],
            store: `${store}/`,
            trainable: trainable && raw.model.trainable,
            training: inner,
          };
          nested.set(key(raw.name, index), expandCall(raw, raw.model, { instance, passed: rawCall.inputs }, around));
        } else {
          const layer = register(raw, { path, store, trainable });
          calls.set(key(raw.name, index), addCall({ layer, instance, raw: rawCall, training: inner }));
        }
      });
    }
    return instance;
  }

  function expandCall(
    raw: RawLayer,
    model: RawModel,
    outer: NonNullable<Instance['outer']>,
    around: Omit<Surroundings, 'outer'>,
  ): Instance {
    const { length } = model.inputs;
    if (length !== outer.passed.length)
      malformed(raw.pointer, `model "${raw.name}" takes ${length} inputs, it is called with ${outer.passed.length}`);
    return expand(model, { ...around, outer });
  }

  function resolveCall({ layer, instance, raw, training, of }: PendingCall): FlatCall {
    const follow = (ref: RawRef) => resolve(instance, ref);
    return {
      layer,
      inputs: raw.inputs.map(follow),
      call: training === undefined ? raw.call : { ...raw.call, training },
      ...(raw.masks ? { masks: raw.masks.map((ref) => (ref ? follow(ref) : null)) } : {}),
      ...(of ? { of } : {}),
    };
  }

  const top = expand(root, { outer: null, path: [], store: '', trainable: root.trainable, training: undefined });
  const inputs = root.inputs.map((ref) => resolve(top, ref));
  const outputs = root.outputs.map((ref) => resolve(top, ref));
  const calls: FlatCall[] = [];
  // Resolving references appends the outputs after the first as further calls, hence the growing list.
  for (let at = 0; at < pending.length; at++) calls.push(resolveCall(pending[at] as PendingCall));
  return { layers, calls, inputs, outputs };
}
