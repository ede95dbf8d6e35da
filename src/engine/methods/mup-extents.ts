/** Determines which axes of a kernel grow with the width of the network: those between two layers with weights. */
import { kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import { isKernel, outputKernels, unwrapped } from '../../topology/structure/output-kernel.ts';
import { type Layer, layerAt, type Param, type Topology } from '../../topology/topology.ts';

/** The matrix of a kernel, and which of its two sides grow with the width. */
export interface WidthFans {
  readonly layer: Layer;
  readonly param: Param;
  readonly fanIn: number;
  readonly fanOut: number;
  /** False for kernels that read the inputs of the model, whose number of features the data determines. */
  readonly growsIn: boolean;
  /** False for kernels that compute the outputs of the model. */
  readonly growsOut: boolean;
}

const isWeighted = (layer: Layer) => outputKernels(layer).length > 0 || unwrapped(layer).className === 'Embedding';

/** The layers with a node that is reached from an input, and those with a node that reaches an output, without another weighted layer in between. */
function ends(topology: Topology): { first: ReadonlySet<number>; last: ReadonlySet<number> } {
  const { nodes, inputs, outputs } = topology;
  const raw = new Set<number>(inputs);
  const first = new Set<number>();
  for (const { id, layer, inputs: from } of nodes) {
    const readsRaw = from.length > 0 && from.every((input) => raw.has(input));
    if (readsRaw && isWeighted(layerAt(topology, id))) first.add(layer);
    else if (readsRaw) raw.add(id);
  }
  const last = new Set<number>();
  const open = [...outputs];
  const seen = new Set(open);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes[id];
    if (node === undefined) continue;
    if (isWeighted(layerAt(topology, id))) {
      last.add(node.layer);
      continue;
    }
    for (const input of node.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  return { first, last };
}

/** Projections inside attention read and write hidden features, whatever the layer itself reads and writes. */
function isInner(param: Param, side: 'in' | 'out'): boolean {
  const isOutput = param.key.endsWith('attention_output/kernel');
  if (/(^|\/)(query|key|value|gate)\/kernel$/.test(param.key)) return side === 'out';
  return isOutput && side === 'in';
}

/** Fans of every trained kernel; each group, gate or channel is counted separately. */
export function widthFans(topology: Topology): WidthFans[] {
  const { first, last } = ends(topology);
  return topology.layers.flatMap((layer, position) =>
    layer.params.filter(isKernel).map((param) => {
      const { rows, columns } = kernelMatrices(layer, param);
      const isDepthwise = param.key.endsWith('depthwise_kernel');
      const isRecurrent = param.key.endsWith('recurrent_kernel');
      return {
        layer,
        param,
        fanIn: rows,
        fanOut: columns,
        growsIn: !isDepthwise && (isRecurrent || isInner(param, 'in') || !first.has(position)),
        growsOut: !isDepthwise && (isRecurrent || isInner(param, 'out') || !last.has(position)),
      };
    }),
  );
}
