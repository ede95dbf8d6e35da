/**
 * A transformer encoder that classifies token sequences: embeddings, encoder layers, the mean over positions, one dense layer.
 *
 * One input, int32 token ids [length]; positions are learned and need no second input. There is no padding mask: every position counts.
 *
 * Vaswani et al., "Attention Is All You Need", arXiv:1706.03762, 2017.
 */
import { blockOptions, checkHeads, count, encoder } from './attention.ts';
import { createGraph } from './graph.ts';
import { dense, globalAveragePool } from './layers.ts';
import { classes, optionsSchema } from './options.ts';
import { embed, positions } from './sequence.ts';
import { defineZooModel } from './zoo-model.ts';

export const transformerClassifier = defineZooModel({
  name: 'transformer-classifier',
  summary:
    'A transformer encoder over token ids with learned positions, mean pooling and one dense classifier. No padding mask.',
  reference: 'Vaswani et al., arXiv:1706.03762, 2017',
  options: optionsSchema({
    vocabulary: count('Number of token ids.', 1_000_000, 1000),
    length: count('Tokens of a sample.', 4096, 64),
    classes: classes(2),
    layers: count('Encoder layers.', 48, 2),
    ...blockOptions({ width: 64, heads: 4, feedForward: 256, normalization: 'post' }),
  }),
  check: checkHeads,
  build({ vocabulary, length, classes: units, layers, ...blocks }) {
    const graph = createGraph('transformer_classifier');
    const tokens = graph.input('tokens', [length], 'int32');
    const position = positions(graph, tokens, 'position');
    const embedded = embed(graph, tokens, { name: 'encoder', vocabulary, width: blocks.width, position });
    const encoded = encoder(graph, embedded, { layers, blocks });
    return graph.model([dense(graph, globalAveragePool(graph, encoded, 'pool'), { name: 'classifier', units })]);
  },
});
