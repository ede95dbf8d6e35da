import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BuildOptions, buildTopology } from '../../src/topology/build.ts';
import type { RawModel } from '../../src/topology/raw-model.ts';
import { dense, input, layer, model, nested, ref } from './raw-models.ts';

describe('a topology is refused when', () => {
  const x = input('x', 4);
  const d = dense('d', 2, [ref('x')]);
  const inner = model([input('i', 4), dense('d', 4, [ref('i')])], [ref('d')], 'inner');
  const identity = model([input('i', 4)], [ref('i')], 'loop');
  const rows: [what: string, raw: RawModel, code: string, message: RegExp, options?: BuildOptions][] = [
    [
      'two layers feed each other',
      model([x, layer('a', 'Add', {}, [ref('x'), ref('b')]), dense('b', 4, [ref('a')])], [ref('b')]),
      'MODEL_CYCLE',
      /a -> b -> a|b -> a -> b/,
    ],
    [
      'a layer feeds itself',
      model([x, layer('a', 'Add', {}, [ref('x'), ref('a')])], [ref('a')]),
      'MODEL_CYCLE',
      /a -> a/,
    ],
    [
      'a nested model feeds itself',
      model([x, nested(identity, [ref('loop')]), d], [ref('loop'), ref('d')]),
      'MODEL_CYCLE',
      /loop/,
    ],
    [
      'a layer is referred to that does not exist',
      model([x, dense('d', 2, [ref('nowhere')])], [ref('d')]),
      'MODEL_MALFORMED',
      /"nowhere" is referred to but does not exist/,
    ],
    ['a call is referred to that does not exist', model([x, d], [ref('d', 3)]), 'MODEL_MALFORMED', /"d": call 3/],
    [
      'a second output of a layer is used',
      model([x, d, dense('e', 2, [ref('d', 0, 1)])], [ref('e')]),
      'MODEL_MALFORMED',
      /output 1 is used, but the layer has one output/,
    ],
    [
      'a missing output of a nested model is used',
      model([x, nested(inner, [ref('x')])], [ref('inner', 0, 1)]),
      'MODEL_MALFORMED',
      /no output 1/,
    ],
    [
      'a nested model gets too many inputs',
      model([x, nested(inner, [ref('x'), ref('x')])], [ref('inner')]),
      'MODEL_MALFORMED',
      /takes 1 inputs, it is called with 2/,
    ],
    [
      'two layers have one name',
      model([x, d, dense('d', 3, [ref('x')])], [ref('d')]),
      'MODEL_MALFORMED',
      /two layers are named "d"/,
    ],
    [
      'a layer is never called',
      model([x, d, dense('lost', 3)], [ref('d')]),
      'MODEL_MALFORMED',
      /"lost" \(Dense\) is not connected/,
    ],
    ['it has no output', model([x, d], []), 'MODEL_MALFORMED', /has no output/],
    [
      'an InputLayer is not an input',
      { ...model([x, input('y', 4), dense('e', 3, [ref('y')])], [ref('e')]), inputs: [ref('x')] },
      'MODEL_MALFORMED',
      /does not list its InputLayer "y"/,
    ],
    [
      'an input is no InputLayer',
      { ...model([x, d], [ref('d')]), inputs: [ref('x'), ref('d')] },
      'MODEL_MALFORMED',
      /lists "d" as an input/,
    ],
    [
      'an input is listed twice',
      { ...model([x, d], [ref('d')]), inputs: [ref('x'), ref('x')] },
      'MODEL_MALFORMED',
      /an input twice/,
    ],
    [
      'a class is unknown',
      model([x, layer('d', 'Densee', {}, [ref('x')])], [ref('d')]),
      'LAYER_UNKNOWN',
      /layer "d" \(Densee\).*did you mean Dense\?/,
    ],
    [
      'a class is far from all known ones',
      model([x, layer('d', 'Quux', {}, [ref('x')])], [ref('d')]),
      'LAYER_UNKNOWN',
      /not supported\. Custom layers are never run/,
    ],
    [
      'it has a Lambda',
      model([x, layer('d', 'Lambda', {}, [ref('x')])], [ref('d')]),
      'LAYER_UNKNOWN',
      /code inside a topology is never run/,
    ],
    [
      'a class is named __proto__',
      model([x, layer('d', '__proto__', {}, [ref('x')])], [ref('d')]),
      'LAYER_UNKNOWN',
      /__proto__/,
    ],
    [
      'a class is named constructor',
      model([x, layer('d', 'constructor', {}, [ref('x')])], [ref('d')]),
      'LAYER_UNKNOWN',
      /constructor/,
    ],
    [
      'a class is named valueOf',
      model([x, layer('d', 'valueOf', {}, [ref('x')])], [ref('d')]),
      'LAYER_UNKNOWN',
      /valueOf/,
    ],
    [
      'it has too many parameters',
      model([input('x', 40_000), dense('d', 30_000, [ref('x')])], [ref('d')]),
      'MODEL_TOO_LARGE',
      /"d" \(Dense\): with kernel \[40000,30000\].* more than 1000000000 parameters/,
    ],
    [
      'an output is too large',
      model([x, layer('r', 'RepeatVector', { n: 2 ** 30 }, [ref('x')])], [ref('r')]),
      'MODEL_TOO_LARGE',
      /"r"/,
    ],
    [
      'it has too many layers',
      model([x, d, dense('e', 2, [ref('d')])], [ref('e')]),
      'MODEL_TOO_LARGE',
      /more than 2 layers/,
      { limits: { maxLayers: 2 } },
    ],
    [
      'a shared layer gets inputs of two widths',
      model(
        [x, input('y', 5), dense('d', 2, [ref('x')], [ref('y')]), layer('a', 'Add', {}, [ref('d', 0), ref('d', 1)])],
        [ref('a')],
      ),
      'LAYER_INVALID',
      /shared by calls that need different parameters: kernel \[4,2\]/,
    ],
    ['the width of an input is open', model([input('x', null), d], [ref('d')]), 'LAYER_INVALID', /layer "d" \(Dense\)/],
    [
      'given shapes do not fit',
      model([x, d], [ref('d')]),
      'LAYER_INVALID',
      /samples of shape \[5\] do not fit/,
      { inputShapes: [[5]] },
    ],
    [
      'shapes are given for another number of inputs',
      model([x, d], [ref('d')]),
      'INVALID_INPUT',
      /the model has 1 inputs, got 2/,
      { inputShapes: [[4], [4]] },
    ],
    [
      'an initializer does not fit its parameter',
      model([x, layer('d', 'Dense', { units: 2, bias_initializer: 'orthogonal' }, [ref('x')])], [ref('d')]),
      'LAYER_INVALID',
      /"d\/bias": the orthogonal initializer needs at least two axes/,
    ],
  ];
  for (const [what, raw, code, message, options] of rows) {
    it(what, () => {
      assert.throws(() => buildTopology(raw, options), { code, message });
    });
  }

  it('nested models multiply beyond the limit', () => {
    let doubling = model([input('i', 4), dense('d', 4, [ref('i')])], [ref('d')], 'm0');
    for (let level = 1; level <= 40; level++) {
      const { name } = doubling;
      doubling = model([input('i', 4), nested(doubling, [ref('i')], [ref(name, 0)])], [ref(name, 1)], `m${level}`);
    }
    assert.throws(() => buildTopology(doubling), { code: 'MODEL_TOO_LARGE', message: /more than 100000 times/ });
  });

  it('models are nested too deep', () => {
    let deep = inner;
    for (let level = 0; level < 80; level++)
      deep = model([input('i', 4), nested({ ...deep, name: `m${level}` }, [ref('i')])], [ref(`m${level}`)], 'top');
    assert.throws(() => buildTopology(deep), { code: 'MODEL_TOO_LARGE', message: /nested deeper than 64 levels/ });
  });

  it('a cycle runs through 4,000 layers', () => {
    const layers = Array.from({ length: 4000 }, (_, i) => dense(`d${i}`, 2, [ref(`d${(i + 1) % 4000}`)]));
    assert.throws(() => buildTopology(model([x, ...layers], [ref('d0')])), { code: 'MODEL_CYCLE', message: /\.\.\./ });
  });
});
