/** What a file of ONNX does not say, or has lost, told to whoever uses it. */
import { type InitializerKind, isPyTorch } from './parameters.ts';
import type { GraphProto, ModelProto } from './proto.ts';

const reexport = 'torch.onnx.export(model.train(), (x,), dynamo=True, optimize=False)';

const attributeOf = (graph: GraphProto, opType: string, name: string): number[] =>
  graph.nodes
    .filter((node) => node.opType === opType)
    .map(({ attributes }) => attributes.find((attribute) => attribute.name === name)?.i ?? 0);

/** Traces of a batch normalisation that an exporter has folded into a convolution. */
function foldedNotice(model: ModelProto, graph: GraphProto): string[] {
  const isTold = graph.nodes.some(({ metadata }) =>
    [...metadata].some(([key, value]) => /rule_name/.test(key) && /batch_?norm/i.test(value)),
  );
  const hasNormalization = graph.nodes.some(({ opType }) => opType === 'BatchNormalization');
  const lost = graph.initializers.filter(({ name }) => /^onnx::(Conv|Gemm|MatMul)/.test(name)).map(({ name }) => name);
  const isLikely = isPyTorch(model) && !hasNormalization && lost.some((name) => name.startsWith('onnx::Conv'));
  const [first] = lost;
  return [
    ...(isTold || isLikely
      ? [
          `batch normalisations were folded into convolutions when the model was exported: what is initialised here is another network than the one that trains; export it with ${reexport}`,
        ]
      : []),
    ...(first !== undefined
      ? [
          `names such as "${first}" are not those of the state_dict; export the model with ${reexport} for weights that load into it`,
        ]
      : []),
  ];
}

function modeNotice(graph: GraphProto): string[] {
  const modes = attributeOf(graph, 'BatchNormalization', 'training_mode');
  if (modes.length === 0 || modes.includes(1)) return [];
  return [
    'the batch normalisations are marked for inference, as torch.onnx marks them for models in training too: they use the statistics of the batch here, as in training',
  ];
}

/** One tensor for several layers. */
function sharedNotice({ nodes }: GraphProto, kinds: ReadonlyMap<string, InitializerKind>): string[] {
  const counts = new Map<string, number>();
  for (const name of nodes.flatMap(({ opType, inputs }) => (opType === 'Shape' ? [] : inputs)))
    if (kinds.get(name) === 'parameter') counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].flatMap(([name, count]) => (count > 1 ? [name] : []));
  return names.length === 0
    ? []
    : [
        `several operators read one tensor, which is trained as one (tf2onnx writes equal tensors of a new model once): ${names.join(', ')}`,
      ];
}

export const noticesOf = (
  model: ModelProto,
  graph: GraphProto,
  kinds: ReadonlyMap<string, InitializerKind>,
): string[] => [
  'an ONNX file does not say which of its initializers are trained, frozen or tied: those with the place of a kernel, bias, scale, slope or table are trained, of tied ones only one name is left (docs/onnx.md)',
  ...modeNotice(graph),
  ...foldedNotice(model, graph),
  ...(isPyTorch(model) ? [] : sharedNotice(graph, kinds)),
];
