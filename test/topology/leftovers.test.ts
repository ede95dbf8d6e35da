/** Nothing of a topology is lost in silence: options, layers and penalties that a run does not act on are refused or said. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../src/json.ts';
import { buildTopology } from '../../src/topology/build.ts';
import { dense, input, layer, model, ref } from './raw-models.ts';

const buildDense = (key: string, value: Json) =>
  buildTopology(model([input('x', 4), layer('d', 'Dense', { units: 2, [key]: value }, [ref('x')])], [ref('d')]));

const penalty = (l2: number): Json => ({ module: 'keras.regularizers', class_name: 'L2', config: { l2 } });

describe('entries of a configuration that no reader asks for', () => {
  const refused: [key: string, value: Json][] = [
    ['lora_rank', 4],
    ['renorm', true],
    ['alpha', 0.3],
    ['axis', 1],
    ['activity_regularizer', penalty(0.1)],
    ['activityRegularizer', penalty(0.1)],
  ];
  for (const [key, value] of refused)
    it(`${key} is refused with the layer and the key`, () => {
      assert.throws(() => buildDense(key, value), {
        code: 'LAYER_INVALID',
        message: new RegExp(`layer "d" \\(Dense\\): ${key}`),
      });
    });

  const passed: [key: string, value: Json][] = [
    ['lora_rank', null],
    ['renorm', false],
    ['quantization_config', {}],
    ['activity_regularizer', penalty(0)],
    ['gamma_initializer', 'ones'],
    ['groups', 1],
  ];
  for (const [key, value] of passed)
    it(`${key} of ${JSON.stringify(value)} changes nothing`, () => {
      assert.deepEqual(buildDense(key, value).notices, []);
    });

  it('penalties on weights and constraints are said', () => {
    assert.match(`${buildDense('kernel_regularizer', penalty(0.1)).notices?.[0]?.message}`, /not part of the loss/);
    const constraint = { class_name: 'MaxNorm', config: { max_value: 2 } };
    assert.match(`${buildDense('kernel_constraint', constraint).notices?.[0]?.message}`, /not applied/);
  });
});

describe('layers that no output depends on', () => {
  it('are left out with their parameters, and said', () => {
    const built = buildTopology(
      model([input('x', 4), dense('lost', 3, [ref('x')]), dense('d', 2, [ref('x')])], [ref('d')]),
    );
    assert.deepEqual(
      built.layers.map(({ name }) => name),
      ['x', 'd'],
    );
    assert.deepEqual(built.notices, [{ layer: 'lost', message: 'is left out: no output depends on it' }]);
  });

  it('an input that nothing reads stays an input', () => {
    const built = buildTopology(model([input('x', 4), input('y', 2), dense('d', 2, [ref('x')])], [ref('d')]));
    assert.equal(built.inputs.length, 2);
  });
});
