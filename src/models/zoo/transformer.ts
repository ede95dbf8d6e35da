/**
 * An encoder-decoder transformer for translation, by default of the size of fairseq's transformer_iwslt_de_en.
 *
 * Two inputs, int32 source ids [sourceLength] and shifted target ids [targetLength]; logits [targetLength, targetVocabulary].
 * The decoder's self-attention is causal: its scores are capped, before softmax, by a bound that is -1e9 above the diagonal (exp of that is
 * exactly 0). Unlike fairseq, positions are learned instead of sinusoidal and the output projection, N(0, 1/width), is not tied to the
 * target embedding (stock layers cannot transpose a shared matrix). There is no padding mask.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, 2017; Ott et al., "fairseq", arXiv:1904.01038, 2019.
 */
import {
  attention,
  type Blocks,
  blockOptions,
  checkHeads,
  count,
  encoder,
  feedForward,
  layerNorm,
  residual,
} from './attention.ts';
import { createGraph, type Graph, type Handle } from './graph.ts';
import { normal } from './initializers.ts';
import { dense } from './layers.ts';
import { optionsSchema } from './options.ts';
import { causalBound, embed, positions } from './sequence.ts';
import { defineZooModel } from './zoo-model.ts';

interface Decoder {
  layers: number;
  blocks: Blocks;
  memory: Handle;
  bound: Handle;
}

/** Causal self-attention, attention to the encoder's output and feed-forward, each a residual branch. */
function decoder(graph: Graph, x: Handle, { layers, blocks, memory, bound }: Decoder): Handle {
  const { heads, normalization } = blocks;
  let y = x;
  for (let layer = 1; layer <= layers; layer++) {
    const id = `decoder${layer}`;
    y = residual(graph, y, `${id}_attention`, normalization, (input) =>
      attention(graph, input, { name: `${id}_attention`, heads, memory: input, bound }),
    );
    y = residual(graph, y, `${id}_cross`, normalization, (input) =>
      attention(graph, input, { name: `${id}_cross`, heads, memory }),
    );
    y = residual(graph, y, `${id}_ffn`, normalization, (input) =>
      feedForward(graph, input, `${id}_ffn`, blocks.feedForward),
    );
  }
  return normalization === 'pre' ? layerNorm(graph, y, 'decoder_norm') : y;
}

export const transformer = defineZooModel({
  name: 'transformer',
  summary:
    'An encoder-decoder transformer (transformer_iwslt_de_en by default) with a causal decoder, learned positions and untied embeddings. Two inputs: source and target token ids.',
  reference: 'Vaswani et al., arXiv:1706.03762, 2017; Ott et al. (fairseq), arXiv:1904.01038, 2019',
  options: optionsSchema({
    sourceVocabulary: count('Number of source token ids.', 1_000_000, 10_000),
    targetVocabulary: count('Number of target token ids.', 1_000_000, 10_000),
    sourceLength: count('Source tokens of a sample.', 4096, 32),
    targetLength: count('Target tokens of a sample.', 4096, 32),
    encoderLayers: count('Encoder layers.', 48, 6),
    decoderLayers: count('Decoder layers.', 48, 6),
    ...blockOptions({ width: 512, heads: 4, feedForward: 1024, normalization: 'post' }),
  }),
  check: checkHeads,
  build({ sourceVocabulary, targetVocabulary, sourceLength, targetLength, encoderLayers, decoderLayers, ...blocks }) {
    const { width } = blocks;
    const graph = createGraph('transformer');
    const source = graph.input('source', [sourceLength], 'int32');
    const target = graph.input('target', [targetLength], 'int32');

    const sourcePosition = positions(graph, source, 'source_position');
    const read = embed(graph, source, {
      name: 'encoder',
      vocabulary: sourceVocabulary,
      width,
      position: sourcePosition,
    });
    const memory = encoder(graph, read, { layers: encoderLayers, blocks });

    const targetPosition = positions(graph, target, 'target_position');
    const bound = causalBound(graph, targetPosition, 'causal_bound');
    const written = embed(graph, target, {
      name: 'decoder',
      vocabulary: targetVocabulary,
      width,
      position: targetPosition,
    });
    const decoded = decoder(graph, written, { layers: decoderLayers, blocks, memory, bound });
    const logits = {
      name: 'logits',
      units: targetVocabulary,
      useBias: false,
      kernelInitializer: normal(width ** -0.5),
    };
    return graph.model([dense(graph, decoded, logits)]);
  },
});
