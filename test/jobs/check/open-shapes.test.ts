/** Models that leave extents open are checked on the shapes of their data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeShapes, parseModel } from '../../../src/models/index.ts';

const network = (kernel: number) =>
  parseModel({
    topology: {
      class_name: 'Sequential',
      config: {
        name: 'net',
        layers: [
          {
            class_name: 'Conv2D',
            config: { name: 'conv', filters: 2, kernel_size: kernel, batch_input_shape: [null, null, null, 1] },
          },
          { class_name: 'GlobalAveragePooling2D', config: { name: 'pool' } },
          { class_name: 'Dense', config: { name: 'logits', units: 10 } },
        ],
      },
    },
  });

test('every shape is known once the samples are', () => {
  const { nodes } = closeShapes(network(3), [[8, 8, 1]]);
  assert.deepEqual(
    nodes.map(({ shape }) => shape),
    [[8, 8, 1], [6, 6, 2], [2], [10]],
  );
});

test('a window that is larger than the samples is refused with layer and place', () => {
  assert.throws(() => closeShapes(network(9), [[8, 8, 1]]), {
    code: 'LAYER_INVALID',
    message: /layer "conv" \(Conv2D\): input has extent 8 where the window covers 9/,
  });
});

test('a model without open extents stays as it is', () => {
  const { topology } = network(3);
  const closed = { ...network(3), topology: { ...topology, nodes: closeShapes(network(3), [[8, 8, 1]]).nodes } };
  assert.equal(closeShapes(closed, [[9, 9, 1]]), closed.topology);
});
