import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/json.ts';
import { buildTopology } from '../../../src/topology/build.ts';
import type { RawLayer } from '../../../src/topology/raw-model.ts';
import { withFixupScalars } from '../../../src/topology/structure/fixup-scalars.ts';
import { findResidualBranches } from '../../../src/topology/structure/residual-branches.ts';
import { rewire } from '../../../src/topology/structure/rewire.ts';
import { canHaveScalars } from '../../../src/topology/structure/trained-scalars.ts';
import { zeroOfBranch } from '../../../src/topology/structure/zero-branch.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { dense, input, layer, model, ref } from '../raw-models.ts';

const nameOf = (topology: Topology, id: number) => topology.layers[topology.nodes[id]?.layer ?? -1]?.name;
const add = (name: string, ...from: string[]) =>
  layer(
    name,
    'Add',
    {},
    from.map((each) => ref(each)),
  );
const of = (className: string, name: string, config: JsonObject, ...from: string[]) =>
  layer(
    name,
    className,
    config,
    from.map((each) => ref(each)),
  );
const fc = (name: string, from: string) => dense(name, 6, [ref(from)]);
const build = (layers: RawLayer[]) =>
  buildTopology(model([input('x', 6), ...layers], [ref(layers.at(-1)?.name ?? '')]));

/** Sum, start, depths and what is zeroed, or why nothing can be. */
function describe(topology: Topology) {
  const { branches, others } = findResidualBranches(topology);
  const rows = branches.map(({ sum, start, branch, shortcut }) => {
    const zero = zeroOfBranch(topology, branch);
    const zeroed = 'impossible' in zero ? zero.impossible : [...zero.kernels, ...zero.gains].map(({ name }) => name);
    return [nameOf(topology, sum), nameOf(topology, start), branch.depth, shortcut.depth, zeroed];
  });
  return { rows, others };
}

const found: { title: string; layers: RawLayer[]; rows: unknown[] }[] = [
  {
    title: 'an identity shortcut, in either order of the inputs',
    layers: [fc('a', 'x'), fc('b', 'a'), add('s', 'x', 'b'), fc('c', 's'), add('t', 'c', 's')],
    rows: [
      ['s', 'x', 2, 0, ['b/kernel']],
      ['t', 's', 1, 0, ['c/kernel']],
    ],
  },
  {
    title: 'a projection and a branch of three',
    layers: [fc('a', 'x'), fc('b', 'a'), fc('c', 'b'), fc('p', 'x'), add('s', 'c', 'p')],
    rows: [['s', 'x', 3, 1, ['c/kernel']]],
  },
  {
    title: 'a branch of parallel paths ends in all of their last layers',
    layers: [
      fc('a', 'x'),
      fc('b', 'a'),
      fc('c', 'x'),
      of('Concatenate', 'bc', {}, 'b', 'c'),
      of('Reshape', 'r', { target_shape: [2, 6] }, 'bc'),
      of('GlobalAveragePooling1D', 'g', {}, 'r'),
      add('s', 'g', 'x'),
    ],
    rows: [['s', 'x', 2, 0, ['b/kernel', 'c/kernel']]],
  },
  {
    title: 'a gate does not have to vanish: the gated factor does',
    layers: [
      fc('a', 'x'),
      of('Dense', 'gate', { units: 6, activation: 'sigmoid' }, 'a'),
      of('Multiply', 'm', {}, 'a', 'gate'),
      add('s', 'm', 'x'),
    ],
    rows: [['s', 'x', 2, 0, ['a/kernel']]],
  },
  {
    title: 'a normalisation after the last layer gives its gain',
    layers: [fc('a', 'x'), of('BatchNormalization', 'n', {}, 'a'), add('s', 'n', 'x')],
    rows: [['s', 'x', 1, 0, ['n/gamma']]],
  },
  {
    title: 'a rectifier before the sum would keep a zero branch dead',
    layers: [of('Dense', 'a', { units: 6, activation: 'relu' }, 'x'), add('s', 'a', 'x')],
    rows: [['s', 'x', 1, 0, 'the activation relu of layer "a" stands between its last layer and the sum']],
  },
  {
    title: 'tanh before the sum does no harm',
    layers: [of('Dense', 'a', { units: 6, activation: 'tanh' }, 'x'), add('s', 'a', 'x')],
    rows: [['s', 'x', 1, 0, ['a/kernel']]],
  },
  {
    title: 'a frozen layer cannot be set to zero',
    layers: [fc('a', 'x'), of('Dense', 'b', { units: 6, trainable: false }, 'a'), add('s', 'b', 'x')],
    rows: [['s', 'x', 1, 0, 'layer "b" is frozen']],
  },
  {
    title: 'nested sums: the outer branch vanishes with both of its last layers',
    layers: [fc('a', 'x'), fc('b', 'a'), add('s', 'a', 'b'), add('t', 'x', 's')],
    rows: [
      ['s', 'a', 1, 0, ['b/kernel']],
      ['t', 'x', 2, 0, ['b/kernel', 'a/kernel']],
    ],
  },
];
for (const { title, layers, rows } of found) {
  test(`residual branches: ${title}`, () => {
    const { rows: actual } = describe(build(layers));
    const sorted = (list: unknown[]) =>
      JSON.parse(JSON.stringify(list), (_key, value) =>
        Array.isArray(value) && value.every((entry) => String(entry).includes('/')) ? [...value].sort() : value,
      );
    assert.deepEqual(sorted(actual), sorted(rows));
  });
}

test('sums that are not residual say why', () => {
  const towers = build([fc('a', 'x'), fc('b', 'a'), fc('c', 'x'), fc('d', 'c'), add('s', 'b', 'd')]);
  assert.deepEqual(describe(towers).others, [
    { layer: 's', reason: 'its inputs pass 2 and 2 weighted layers: neither is a shortcut' },
  ]);
  const three = build([fc('a', 'x'), fc('b', 'x'), add('s', 'a', 'b', 'x')]);
  assert.deepEqual(describe(three).others, [{ layer: 's', reason: 'it adds 3 tensors, not two' }]);
  const apart = buildTopology(model([input('x', 6), input('y', 6), add('s', 'x', 'y')], [ref('s')]));
  assert.deepEqual(describe(apart), {
    rows: [],
    others: [{ layer: 's', reason: 'its inputs have no common ancestor' }],
  });
});

test('rewire leaves a layer out and keeps every other name, shape and parameter', () => {
  const topology = build([fc('a', 'x'), of('BatchNormalization', 'n', {}, 'a'), fc('b', 'n')]);
  const rewired = rewire(topology, { bypass: (_node, { className }) => className === 'BatchNormalization' });
  assert.deepEqual(
    rewired.layers.map(({ name }) => name),
    ['x', 'a', 'b'],
  );
  assert.deepEqual(
    rewired.nodes.map(({ id, inputs }) => [id, inputs]),
    [
      [0, []],
      [1, [0]],
      [2, [1]],
    ],
  );
  assert.deepEqual(rewired.layers[2]?.params, topology.layers[3]?.params);
  assert.deepEqual(rewired.outputs, [2]);
});

test('rewire gives a new layer another name where its own is taken', () => {
  const topology = build([fc('a', 'x'), fc('b', 'a')]);
  const rewired = rewire(topology, {
    edge: (node, _position, source, { add: put }) =>
      node.id === 2 ? put({ className: 'Rescaling', name: 'a', config: { scale: 2 } }, [source]) : source,
  });
  assert.deepEqual(
    rewired.layers.map(({ name }) => name),
    ['x', 'a', 'a_1', 'b'],
  );
  assert.deepEqual(rewired.layers[2]?.source, {
    scope: 'a_1',
    className: 'Rescaling',
    config: { scale: 2, name: 'a_1' },
  });
});

test('readers of one tensor share its shift, and what comes straight from the input has none', () => {
  const topology = build([
    fc('stem', 'x'),
    fc('a', 'stem'),
    fc('p', 'stem'),
    of('Activation', 'r', { activation: 'relu' }, 'a'),
    fc('b', 'r'),
    add('s', 'b', 'p'),
  ]);
  const {
    topology: patched,
    shifts,
    factors,
  } = withFixupScalars(topology, findResidualBranches(topology).branches, 'fixup');
  const scalars = patched.layers
    .flatMap(({ params }) => params.map(({ name }) => name))
    .filter((name) => name.includes('fixup'));
  assert.deepEqual(scalars, [
    'a_fixup_bias/kernel',
    'r_fixup_bias/kernel',
    'b_fixup_bias/kernel',
    's_fixup_scale/kernel',
  ]);
  assert.deepEqual([shifts, factors], [3, 1]);
});

test('the constant behind the scalars needs extents, at least of the features', () => {
  const open = (shape: (number | null)[], className: string, config: JsonObject) =>
    buildTopology(model([input('x', ...shape), layer('y', className, config, [ref('x')])], [ref('y')]));
  const relu = { activation: 'relu' };
  assert.ok(canHaveScalars(open([null, null, 3], 'Activation', relu)));
  assert.ok(canHaveScalars(open([null, 3], 'Activation', relu)));
  assert.ok(!canHaveScalars(open([null], 'Activation', relu)));
});
