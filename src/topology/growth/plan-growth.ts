/** Plans how a network is grown from a smaller one: which channels are repeated, which layers are new, and how new layers are made ineffective at the start. */
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import { graphOf } from '../operation-graph/build.ts';
import { findResidualBranches } from '../structure/residual-branches.ts';
import { zeroOfBranch } from '../structure/zero-branch.ts';
import { type Layer, layerAt, type Param, type Topology } from '../topology.ts';
import { traceChannels, unitsOf } from './trace-channels.ts';
import { widenParam } from './widen-layer.ts';

type Weights = ReadonlyMap<string, NDArray<'float32'>>;

export interface GrowthOptions {
  readonly asymmetry: number;
  readonly seed: number;
}

export interface Growth {
  readonly weights: Weights;
  /** Names of the layers that the source does not have. */
  readonly added: readonly string[];
}

const refuse = (message: string): never => {
  throw new AppError('METHOD_NOT_APPLICABLE', `net2net: ${message}`);
};

interface NewLayers {
  /** Layers inside new residual branches. */
  readonly silent: ReadonlySet<string>;
  /** Parameters that are set to zero so that new branches contribute nothing. */
  readonly zeroed: ReadonlySet<string>;
  /** The other new layers, which must be the identity. */
  readonly identities: readonly Layer[];
}

/** The new layers. Residual branches that consist of new layers only end in zero; every other new layer is an identity. */
function newLayers(target: Topology, isNew: (layer: Layer) => boolean): NewLayers {
  const silent = new Set<string>();
  const zeroed = new Set<string>();
  for (const { branch } of findResidualBranches(target).branches) {
    const layers = branch.nodes.map((id) => layerAt(target, id));
    const weighted = layers.filter(({ params }) => params.length > 0);
    if (!weighted.every(isNew)) continue;
    const zero = zeroOfBranch(target, branch);
    if ('impossible' in zero) return refuse(`a new residual branch cannot start at zero: ${zero.impossible}`);
    for (const { name } of layers) silent.add(name);
    for (const { name } of zero.gains.length > 0 ? zero.gains : zero.kernels) zeroed.add(name);
  }
  const identities = target.layers.filter((layer) => isNew(layer) && !silent.has(layer.name));
  return { silent, zeroed, identities };
}

/**
 * Decides whether a network can be grown from another one, and how.
 *
 * @param counterparts layers of the source by the names of layers of the target
 * @returns a function from the weights of the source to those of the target
 * @throws METHOD_NOT_APPLICABLE naming the layer that cannot be grown
 */
export function planGrowth(target: Topology, source: Topology, counterparts: ReadonlyMap<string, Layer>) {
  if (graphOf(target) || graphOf(source))
    refuse('follows channels through layers; networks of single operations have none. weight-selection shrinks those');
  const used = new Set([...counterparts.values()].map(({ name }) => name));
  const unused = source.layers.filter(({ name, params }) => params.length > 0 && !used.has(name));
  if (unused.length > 0)
    refuse(
      `no layer corresponds to ${unused.map(({ name }) => `"${name}"`).join(', ')} of the source: a network that is grown has every layer of it`,
    );
  const isNew = ({ name, params }: Layer) => params.length > 0 && !counterparts.has(name);
  const added = newLayers(target, isNew);
  const maps = traceChannels({ target, source, counterparts, silent: added.silent });
  const identities = new Map(added.identities.flatMap(identityParams));

  return (trained: Weights, fresh: Weights, { asymmetry, seed }: GrowthOptions): Growth => {
    const weights = new Map(fresh);
    for (const name of added.zeroed) weights.set(name, zerosLike(fresh.get(name) as NDArray<'float32'>));
    for (const [name, tensor] of identities) weights.set(name, tensor);
    for (const [position, layer] of target.layers.entries()) {
      const from = counterparts.get(layer.name);
      const node = target.nodes.find(({ layer: applied }) => applied === position);
      if (!from || !node) continue;
      const inputs = node.inputs.map((id) => maps[id] as (typeof maps)[number]);
      const output = maps[node.id] as (typeof maps)[number];
      for (const param of layer.params)
        weights.set(
          param.name,
          grown(layer, param, from, trained, {
            inputs,
            output,
            asymmetry,
            random: createRandom(seed, `net2net ${param.name}`),
          }),
        );
    }
    return { weights, added: target.layers.filter(isNew).map(({ name }) => name) };
  };
}

function grown(
  layer: Layer,
  param: Param,
  from: Layer,
  trained: Weights,
  widening: Parameters<typeof widenParam>[3],
): NDArray<'float32'> {
  const counterpart = from.params.find(({ key }) => key === param.key);
  if (counterpart === undefined)
    return refuse(`${param.name} has no counterpart in layer "${from.name}" of the source`);
  try {
    return widenParam(layer, param, trained.get(counterpart.name) as NDArray<'float32'>, widening);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(`layer "${layer.name}" (${layer.className}): ${error.message}`);
  }
}

const zerosLike = ({ shape, data }: NDArray<'float32'>) => ndarray('float32', shape, new Float32Array(data.length));

/** Parameters with which a layer returns its input, apart from its activation: kernels with 1 at the centre, biases 0, statistics of mean 0 and deviation 1. */
function identityParams(layer: Layer): [string, NDArray<'float32'>][] {
  return layer.params.map((param) => [param.name, identityParam(layer, param)]);
}

function identityParam(layer: Layer, { key, shape, name }: Param): NDArray<'float32'> {
  const data = new Float32Array(sizeOf(shape));
  const filled = (value: number) => ndarray('float32', shape, data.fill(value));
  if (key === 'bias' || key === 'beta' || key === 'moving_mean') return filled(0);
  if (key === 'gamma' || key === 'scale') return filled(1);
  if (key === 'moving_variance') return filled(1 - (layer.config as { epsilon: number }).epsilon);
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  if (key !== 'kernel' || unitsOf(layer) === null || inputs !== outputs)
    return refuse(`the new layer "${layer.name}" (${layer.className}) cannot be the identity: ${name} is [${shape}]`);
  const taps = shape.slice(0, -2);
  const centre = taps.reduce((at, extent) => at * extent + Math.floor((extent - 1) / 2), 0);
  for (let unit = 0; unit < inputs; unit++) data[(centre * inputs + unit) * outputs + unit] = 1;
  return ndarray('float32', shape, data);
}
