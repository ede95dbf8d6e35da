/** The network of digits-cnn.tfjs.json. `node digits-cnn.mjs > digits-cnn.tfjs.json` writes it again; needs @tensorflow/tfjs. */
import * as tf from '@tensorflow/tfjs';

const conv = (filters, name, rest = {}) =>
  tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu', kernelInitializer: 'heNormal', name, ...rest });

const model = tf.sequential({
  name: 'digits_cnn',
  layers: [
    conv(16, 'conv1', { inputShape: [8, 8, 1] }),
    conv(16, 'conv2'),
    tf.layers.maxPooling2d({ poolSize: 2, name: 'pool1' }),
    conv(32, 'conv3'),
    conv(32, 'conv4'),
    tf.layers.globalAveragePooling2d({ name: 'pool2' }),
    tf.layers.dense({ units: 10, activation: 'softmax', name: 'classifier' }),
  ],
});
process.stdout.write(`${JSON.stringify(model.toJSON(null, false), null, 2)}\n`);
