import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseModel } from '../../../src/models/index.ts';
import { buildZooModel, zoo } from '../../../src/models/zoo/index.ts';
import { countParameters } from './count-parameters.ts';

/** As the project's own parser counts. */
function countParsed(topology: unknown): number {
  const { layers } = parseModel({ topology }).topology;
  const trained = layers.flatMap(({ params }) => params).filter(({ group }) => group !== 'none');
  return trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

const published: [string, object, number][] = [
  ['vgg', { depth: 19 }, 20_029_514],
  ['vgg', { depth: 19, batchNorm: true }, 20_040_522],
  ['resnet', { depth: 110, batchNorm: false }, 1_723_914],
  ['resnet', { depth: 110 }, 1_728_058],
  ['resnet', { depth: 1202, batchNorm: false }, 19_376_458],
  ['resnet', { depth: 1202 }, 19_421_370],
  ['wide-resnet', {}, 36_489_290],
  ['densenet-bc', { batchNorm: false }, 748_336],
  ['densenet-bc', {}, 769_162],
];

for (const [name, options, expected] of published) {
  test(`${name} ${JSON.stringify(options)} has the published ${expected} parameters`, () => {
    const topology = buildZooModel(name, options);
    assert.equal(countParameters(topology), expected);
    assert.equal(countParsed(topology), expected);
  });
}

const ownArithmetic: [string, object, number][] = [
  ['mlp', { inputShape: [4], sizes: [3], classes: 2 }, 4 * 3 + 3 + 3 * 2 + 2],
  ['mlp', { inputShape: [4], sizes: [], classes: 2 }, 4 * 2 + 2],
  ['small-cnn', {}, 9 * 16 + 16 + (9 * 16 * 16 + 16) + (9 * 16 * 32 + 32) + (9 * 32 * 32 + 32) + 330],
  ['vgg', { widths: [[8], [8]], inputShape: [28, 28, 1] }, 9 * 8 + 8 + (9 * 64 + 8) + (7 * 7 * 8 * 10 + 10)],
  // Per layer 4 w^2 + 3 w (keys have no bias) for attention, 2 w f + f + w for feed-forward, 4 w for the two norms.
  [
    'transformer-classifier',
    { vocabulary: 11, length: 5, width: 8, heads: 2, feedForward: 16, layers: 3, classes: 4 },
    11 * 8 + 5 * 8 + 3 * (4 * 64 + 24 + 2 * 128 + 24 + 32) + 36,
  ],
  [
    'transformer',
    {
      sourceVocabulary: 11,
      targetVocabulary: 13,
      sourceLength: 5,
      targetLength: 6,
      encoderLayers: 2,
      decoderLayers: 1,
      width: 8,
      heads: 2,
      feedForward: 16,
    },
    16 * 8 + 19 * 8 + 2 * (280 + 280 + 32) + (2 * 280 + 280 + 48) + 8 * 13,
  ],
];

for (const [name, options, expected] of ownArithmetic) {
  test(`${name} ${JSON.stringify(options)} has ${expected} parameters`, () => {
    const topology = buildZooModel(name, options);
    assert.equal(countParameters(topology), expected);
    assert.equal(countParsed(topology), expected);
  });
}

test('every zoo model builds with its defaults', () => {
  for (const name of Object.keys(zoo)) assert.ok(countParameters(buildZooModel(name)) > 0, name);
});
