/** Which axes of a kernel grow with the width of a network: those between two layers with weights. */
import { kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import { isKernel, outputKernels, unwrapped } from '../../topology/structure/output-kernel.ts';
import { type Layer, layerAt, type Param, type Topology } from '../../topology/topology.ts';

/** The matrix that a kernel multiplies with, and which of its two sides grow. */
export interface WidthFans {
  readonly layer: Layer;
  readonly param: Param;
  readonly fanIn: number;
  readonly fanOut: number;
  /** False where it reads the inputs of the model: their number of features is given by the data. */
  readonly growsIn: boolean;
  /** False where it makes the outputs of the model. */
  readonly growsOut: boolean;
}

const isWeighted = (layer: Layer) => outputKernels(layer).length > 0 || unwrapped(layer).className === 'Embedding';

/** For every layer, whether a node of it is reached from an input, or reaches an output, without another weighted layer between. */
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

/** Projections inside an attention read and write hidden features, whatever the layer reads and writes outside. */
function isInner(param: Param, side: 'in' | 'out'): boolean {
  const isOutput = param.key.endsWith('attention_output/kernel');
  if (/(^|\/)(query|key|value|gate)\/kernel$/.test(param.key)) return side === 'out';
  return isOutput && side === 'in';
}

/** Fans of every trained kernel, a group, gate or channel counted by itself. */
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
