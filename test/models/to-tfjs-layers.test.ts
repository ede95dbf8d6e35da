import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import { tf } from '../../src/engine/tf.ts';
import type { JsonObject } from '../../src/json.ts';
import { type ParsedModel, parseModel } from '../../src/models/index.ts';
import { tfjsWeightNames, toTfjsLayersJson } from '../../src/models/to-tfjs-layers.ts';

const file = path.join(import.meta.dirname, 'fixtures/keras3-cases.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { topology: JsonObject }>;
const shared = path.resolve(import.meta.dirname, '../../../shared/keras3');

/** What stock tfjs makes of the written JSON. */
const load = (model: ParsedModel) => tf.models.modelFromJSON(JSON.parse(JSON.stringify(toTfjsLayersJson(model))));

const expectedWeights = ({ topology }: ParsedModel) => {
  const names = tfjsWeightNames(topology);
  return topology.layers
    .flatMap(({ params }) => params.map(({ name, shape }) => `${names.get(name)} [${shape}]`))
    .sort();
};

const dense = (config: object) => ({
  class_name: 'Dense',
  config: { units: 2, batch_input_shape: [null, 4], ...config },
});
const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { name: 'm', layers } });

/** Written by Keras 3 but beyond stock tfjs-layers. */
const unsupported: Record<string, RegExp> = {
  recurrent_sequential: /layer "bi" \(Bidirectional\).*reset_after/,
  recurrent_functional: /layer "gru" \(GRU\).*reset_after/,
  attention_with_keywords: /MultiHeadAttention/,
  attention_with_keywords_only: /MultiHeadAttention/,
  convolutions: /hard_sigmoid_keras3/,
};

describe('writing for stock tfjs', () => {
  for (const [name, { topology }] of Object.entries(cases)) {
    const refusal = unsupported[name];
    if (refusal) {
      it(`refuses ${name.replaceAll('_', ' ')}, naming the layer`, () => {
        assert.throws(() => toTfjsLayersJson(parseModel({ topology })), {
          code: 'ARTIFACT_UNSUPPORTED',
          message: refusal,
        });
      });
      continue;
    }
    it(`gives a model with the same weights: ${name.replaceAll('_', ' ')}`, async () => {
      const parsed = parseModel({ topology });
      const model = await load(parsed);
      assert.deepEqual(
        model.weights.map((weight) => `${weight.originalName} [${weight.shape}]`).sort(),
        expectedWeights(parsed),
      );
      assert.deepEqual(
        model.outputs.map(({ shape }) => shape.slice(1)),
        parsed.topology.outputs.map((id) => parsed.topology.nodes[id]?.shape),
      );
    });
  }

  it('translates convolutions, normalisation and wrapped layers of Keras 3', async () => {
    const text = JSON.stringify(cases.convolutions?.topology).replace('"hard_sigmoid"', '"silu"');
    const parsed = parseModel({ topology: text });
    const model = await load(parsed);
    assert.deepEqual(
      model.weights.map((weight) => `${weight.originalName} [${weight.shape}]`).sort(),
      expectedWeights(parsed),
    );
  });

  it('gives tfjs JSON back as it was posted', () => {
    const topology = sequential(dense({ name: 'd' }));
    assert.deepEqual(toTfjsLayersJson(parseModel({ topology })), topology);
  });

  it('names layers that were posted without a name, so that their weights are found', async () => {
    const parsed = parseModel({ topology: sequential(dense({})) });
    const model = await load(parsed);
    assert.deepEqual(
      model.weights.map((weight) => weight.originalName),
      ['dense_1/kernel', 'dense_1/bias'],
    );
  });

  it('refuses a layer that tfjs lacks even when tfjs JSON was posted', () => {
    const topology = sequential(dense({ name: 'd' }), { class_name: 'UnitNormalization', config: { name: 'u' } });
    assert.throws(() => toTfjsLayersJson(parseModel({ topology })), {
      code: 'ARTIFACT_UNSUPPORTED',
      message: /layer "u" \(UnitNormalization\)/,
    });
  });

  for (const name of ['cnn-sequential', 'resnet-functional', 'tabular-regression']) {
    it(`computes what Keras computed: ${name}`, async (t) => {
      const folder = path.join(shared, name);
      if (!existsSync(folder)) return t.skip(`${folder} is not there: the recorded cases lie beside the checkout`);
      const parsed = parseModel({ topology: readFileSync(path.join(folder, 'model.json'), 'utf8') });
      const model = await load(parsed);
      const names = tfjsWeightNames(parsed.topology);
      const weights = (await readSafetensors(path.join(folder, 'weights.safetensors'))).tensors;
      const tensors = [...weights].map(
        ([key, { data, shape }]) => [names.get(key) ?? key, tf.tensor(data, [...shape])] as const,
      );
      model.loadWeights(Object.fromEntries(tensors));
      const forward = (await readSafetensors(path.join(folder, 'forward.safetensors'))).tensors;
      const [x, y] = [forward.get('x'), forward.get('y')];
      assert.ok(x && y);
      const output = model.predict(tf.tensor(x.data, [...x.shape])) as ReturnType<typeof tf.tensor>;
      const found = output.dataSync();
      const largest = Math.max(...Array.from(y.data, Math.abs));
      assert.deepEqual(output.shape, [...y.shape]);
      for (const [i, value] of found.entries())
        assert.ok(Math.abs(value - (y.data[i] ?? Number.NaN)) <= 1e-5 * largest, `output ${i}`);
    });
  }
});

it('a masked model of tfjs is written as it was posted', () => {
  const layers = [
    {
      class_name: 'Embedding',
      config: { name: 'e', input_dim: 5, output_dim: 2, mask_zero: true, batch_input_shape: [null, 3] },
    },
    { class_name: 'LSTM', config: { name: 'l', units: 2 } },
  ];
  const parsed = parseModel({ topology: { class_name: 'Sequential', config: { name: 'm', layers } } });
  assert.equal(toTfjsLayersJson(parsed), parsed.source);
});
