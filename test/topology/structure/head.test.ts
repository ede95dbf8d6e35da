import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildTopology } from '../../../src/topology/build.ts';
import type { RawLayer } from '../../../src/topology/raw-model.ts';
import { splitHead } from '../../../src/topology/structure/head.ts';
import { dense, input, layer, model, ref } from '../raw-models.ts';

const build = (layers: RawLayer[], output: string) => buildTopology(model(layers, [ref(output)]));

const activation = (name: string, kind: string, from: string) =>
  layer(name, 'Activation', { activation: kind }, [ref(from)]);

describe('splitting the head off', () => {
  const rows: [what: string, layers: RawLayer[], output: string, head: string][] = [
    [
      'a dense layer with softmax',
      [input('x', 4), layer('d', 'Dense', { units: 3, activation: 'softmax' }, [ref('x')])],
      'd',
      'softmax',
    ],
    [
      'a dense layer with sigmoid',
      [input('x', 4), layer('d', 'Dense', { units: 1, activation: 'sigmoid' }, [ref('x')])],
      'd',
      'sigmoid',
    ],
    [
      'a 1x1 convolution with softmax',
      [input('x', 4, 4, 2), layer('c', 'Conv2D', { filters: 3, kernel_size: 1, activation: 'softmax' }, [ref('x')])],
      'c',
      'softmax',
    ],
    [
      'an Activation layer',
      [input('x', 4), dense('d', 3, [ref('x')]), activation('a', 'softmax', 'd')],
      'a',
      'softmax',
    ],
    [
      'a Softmax layer',
      [input('x', 4), dense('d', 3, [ref('x')]), layer('s', 'Softmax', { axis: -1 }, [ref('d')])],
      's',
      'softmax',
    ],
    [
      'a Softmax layer that names its axis',
      [input('x', 4), dense('d', 3, [ref('x')]), layer('s', 'Softmax', { axis: 1 }, [ref('d')])],
      's',
      'softmax',
    ],
    [
      'a dense layer under TimeDistributed',
      [
        input('x', 5, 4),
        layer(
          't',
          'TimeDistributed',
          { layer: { class_name: 'Dense', config: { name: 'd', units: 3, activation: 'softmax' } } },
          [ref('x')],
        ),
      ],
      't',
      'softmax',
    ],
    ['a linear layer', [input('x', 4), dense('d', 3, [ref('x')])], 'd', 'linear'],
    [
      'a hidden activation',
      [input('x', 4), layer('d', 'Dense', { units: 3, activation: 'relu' }, [ref('x')])],
      'd',
      'linear',
    ],
    ['a softmax over another axis', [input('x', 5, 4), layer('s', 'Softmax', { axis: 1 }, [ref('x')])], 's', 'linear'],
    [
      'an activation inside a recurrence',
      [input('x', 5, 4), layer('r', 'SimpleRNN', { units: 3, activation: 'sigmoid' }, [ref('x')])],
      'r',
      'linear',
    ],
  ];
  for (const [what, layers, output, head] of rows) {
    it(`of ${what} finds ${head} and leaves nodes, names and parameters as they are`, () => {
      const topology = build(layers, output);
      const split = splitHead(topology);
      assert.equal(split.head, head);
      assert.deepEqual(split.topology.nodes, topology.nodes);
      assert.deepEqual(
        split.topology.layers.map(({ name, params }) => ({ name, params })),
        topology.layers.map(({ name, params }) => ({ name, params })),
      );
      assert.equal(splitHead(split.topology).head, 'linear');
    });
  }

  it('does not change the topology that it is given', () => {
    const topology = build([input('x', 4), layer('d', 'Dense', { units: 3, activation: 'softmax' }, [ref('x')])], 'd');
    const before = structuredClone(topology);
    splitHead(topology);
    assert.deepEqual(topology, before);
  });

  it('refuses a last layer that is also used inside', () => {
    const shared = layer('d', 'Dense', { units: 4, activation: 'softmax' }, [ref('x')], [ref('d', 0)]);
    const topology = buildTopology(model([input('x', 4), shared], [ref('d', 1)]));
    assert.throws(() => splitHead(topology), { code: 'METHOD_NOT_APPLICABLE', message: /layer "d"/ });
  });
});
