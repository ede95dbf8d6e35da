/** Masks are nodes of their own, made where a layer uses them and nowhere else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { infer } from '../../src/engine/network/infer.ts';
import { ndarray } from '../../src/ndarray.ts';
import { buildTopology } from '../../src/topology/build.ts';
import type { RawLayer } from '../../src/topology/raw-model.ts';
import { withoutLayers } from '../../src/topology/structure/rewire.ts';
import { dense, input, layer, model, ref } from './raw-models.ts';

const embedding = layer('e', 'Embedding', { input_dim: 5, output_dim: 2, mask_zero: true }, [ref('x')]);
const gap = (from: string) => layer('g', 'GlobalAveragePooling1D', {}, [ref(from)]);
const build = (...layers: RawLayer[]) =>
  buildTopology(model([input('x', 3), ...layers], [ref(layers.at(-1)?.name ?? '')]));
const table = ndarray('float32', [5, 2], Float32Array.of(9, 9, 1, 2, 3, 4, 5, 6, 7, 8));

describe('masks', () => {
  it('leave padded steps out of the mean', async () => {
    const topology = build(embedding, gap('e'));
    const ids = ndarray('int32', [2, 3], Int32Array.of(1, 2, 0, 4, 0, 0));
    const [mean] = await infer(topology, new Map([['e/embeddings', table]]), [ids]);
    assert.deepEqual([...(mean?.data ?? [])], [2, 3, 7, 8]);
    assert.deepEqual(topology.inputDtypes, ['int32']);
  });

  it('pass through layers that keep them', () => {
    const topology = build(embedding, dense('d', 2, [ref('e')]), gap('d'));
    const masks = topology.nodes.flatMap((node) => node.masks ?? []);
    assert.equal(masks.length, 1);
    assert.equal(topology.layers[topology.nodes[masks[0] ?? -1]?.layer ?? -1]?.className, 'operation:not_equal');
  });

  it('are lost in layers that do not keep them, and then nothing is added', () => {
    const topology = build(embedding, layer('c', 'Conv1D', { filters: 2, kernel_size: 1 }, [ref('e')]), gap('c'));
    assert.equal(topology.nodes.length, 4);
  });

  it('stay those of their layers where others are left out', async () => {
    const topology = build(embedding, layer('n', 'LayerNormalization', {}, [ref('e')]), gap('n'));
    const stripped = withoutLayers(topology, ({ className }) => className === 'LayerNormalization');
    const ids = ndarray('int32', [2, 3], Int32Array.of(1, 2, 0, 4, 0, 0));
    const [mean] = await infer(stripped, new Map([['e/embeddings', table]]), [ids]);
    assert.deepEqual([...(mean?.data ?? [])], [2, 3, 7, 8]);
  });

  it('of a batch normalisation in training are refused', () => {
    assert.throws(() => build(embedding, layer('b', 'BatchNormalization', {}, [ref('e')]), gap('b')), {
      code: 'LAYER_INVALID',
      message: /layer "b".*is masked/,
    });
  });

  it('that a call passes to a layer without a use for them are refused', () => {
    const passed = { ...dense('d', 2, [ref('e')]), calls: [{ inputs: [ref('e')], call: {}, masks: [ref('x')] }] };
    assert.throws(() => build(embedding, passed, gap('d')), { code: 'LAYER_INVALID', message: /mask is passed/ });
  });
});
