import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildTopology } from '../../src/topology/build.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { dense, input, layer, model, nested, ref } from './raw-models.ts';

const namesOf = (topology: Topology) => topology.layers.flatMap(({ params }) => params.map(({ name }) => name));
const orderOf = ({ nodes, layers }: Topology) => nodes.map((node) => layers[node.layer]?.name);

describe('building a topology', () => {
  it('orders nodes so that inputs have smaller ids, whatever the order of the layers', () => {
    const layers = [dense('c', 2, [ref('b')]), dense('b', 3, [ref('a')]), input('x', 5), dense('a', 4, [ref('x')])];
    const topology = buildTopology(model(layers, [ref('c')]));
    assert.deepEqual(orderOf(topology), ['x', 'a', 'b', 'c']);
    for (const node of topology.nodes) assert.ok(node.inputs.every((id) => id < node.id));
    assert.deepEqual(namesOf(topology), ['c/kernel', 'c/bias', 'b/kernel', 'b/bias', 'a/kernel', 'a/bias']);
  });

  it('gives a shared layer one set of parameters and one node for each call', () => {
    const layers = [
      input('x', 4),
      input('y', 4),
      dense('d', 4, [ref('x')], [ref('y')], [ref('d', 1)]),
      layer('sum', 'Add', {}, [ref('d', 0), ref('d', 2)]),
    ];
    const topology = buildTopology(model(layers, [ref('sum')]));
    assert.deepEqual(namesOf(topology), ['d/kernel', 'd/bias']);
    assert.equal(topology.nodes.length, 6);
    assert.equal(topology.inputs.length, 2);
  });

  it('takes nested models apart and keeps the parameters of one that is called twice once', () => {
    const inner = model([input('i', 4), dense('d', 4, [ref('i')])], [ref('d')], 'inner');
    const layers = [input('x', 4), nested(inner, [ref('x')], [ref('inner', 0)])];
    const topology = buildTopology(model(layers, [ref('inner', 1)]));
    assert.deepEqual(orderOf(topology), ['x', 'd', 'd']);
    assert.deepEqual(
      topology.nodes.map(({ inputs }) => inputs),
      [[], [0], [1]],
    );
  });

  it('passes inputs through nested models that compute nothing', () => {
    const inner = model([input('i', 4)], [ref('i')], 'inner');
    const layers = [input('x', 4), nested(inner, [ref('x')]), dense('d', 2, [ref('inner')])];
    assert.deepEqual(orderOf(buildTopology(model(layers, [ref('d')]))), ['x', 'd']);
  });

  it('makes the names of equal layers in two nested models unique', () => {
    const inner = (name: string) => model([input('i', 4), dense('d', 4, [ref('i')])], [ref('d')], name);
    const layers = [
      input('x', 4),
      nested(inner('a'), [ref('x')]),
      nested(inner('b'), [ref('a')]),
      nested(inner('c'), [ref('b')]),
    ];
    const topology = buildTopology(model(layers, [ref('c')]));
    assert.deepEqual(namesOf(topology), ['d/kernel', 'd/bias', 'b/d/kernel', 'b/d/bias', 'c/d/kernel', 'c/d/bias']);
    assert.equal(new Set(topology.layers.map(({ name }) => name)).size, topology.layers.length);
  });

  it('freezes the parameters of layers and models that are not trainable', () => {
    const frozen = { ...model([input('i', 4), dense('d', 4, [ref('i')])], [ref('d')], 'inner'), trainable: false };
    const layers = [
      input('x', 4),
      nested(frozen, [ref('x')]),
      layer('e', 'Dense', { units: 2, trainable: false }, [ref('inner')]),
      dense('f', 2, [ref('e')]),
    ];
    const topology = buildTopology(model(layers, [ref('f')]));
    assert.deepEqual(
      topology.layers.map(({ name, trainable }) => [name, trainable]),
      [
        ['x', true],
        ['d', false],
        ['e', false],
        ['f', true],
      ],
    );
    assert.deepEqual(
      topology.layers.flatMap(({ params }) => params.map(({ group }) => group)),
      ['none', 'none', 'none', 'none', 'weight', 'bias'],
    );
  });

  it('allows several outputs, one of them twice', () => {
    const layers = [input('x', 4), dense('d', 3, [ref('x')]), dense('e', 2, [ref('x')])];
    assert.deepEqual(buildTopology(model(layers, [ref('d'), ref('e'), ref('d')])).outputs, [1, 2, 1]);
  });

  it('treats an input that only embeddings read as token ids', () => {
    const layers = [input('t', 6), layer('e', 'Embedding', { input_dim: 9, output_dim: 4 }, [ref('t')]), input('x', 4)];
    const both = model(
      [...layers, layer('f', 'Flatten', {}, [ref('e')]), layer('c', 'Concatenate', {}, [ref('f'), ref('x')])],
      [ref('c')],
    );
    assert.deepEqual(buildTopology(both).inputDtypes, ['int32', 'float32']);
  });

  it('fixes open extents to the shapes that the caller gives', () => {
    const layers = [input('x', null, 3), layer('f', 'Flatten', {}, [ref('x')]), dense('d', 2, [ref('f')])];
    const topology = buildTopology(model(layers, [ref('d')]), { inputShapes: [[5, 3]] });
    assert.deepEqual(topology.layers[2]?.params[0]?.shape, [15, 2]);
  });

  it('works on a chain of 4,000 layers', () => {
    const layers = Array.from({ length: 4000 }, (_, i) => dense(`d${i}`, 2, [ref(i === 0 ? 'x' : `d${i - 1}`)]));
    const topology = buildTopology(model([...layers.reverse(), input('x', 2)], [ref('d3999')]));
    assert.equal(topology.nodes.length, 4001);
  });
});
