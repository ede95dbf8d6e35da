/** Files of torch.onnx, tf2onnx and skl2onnx against what onnxruntime and Keras compute for them, and what is said about them. */
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { checkWeights } from '../../../src/artifacts/check-weights.ts';
import { pickInputs } from '../../../src/cli/tensor-files.ts';
import { readSafetensors } from '../../../src/codecs/safetensors.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import { AppError } from '../../../src/errors.ts';
import { graphFormatOf } from '../../../src/models/graph-files.ts';
import { parseModel } from '../../../src/models/index.ts';
import { readModelText } from '../../../src/models/model-text.ts';
import { readModelWeights } from '../../../src/models/model-weights.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = path.resolve(import.meta.dirname, '../../fixtures/onnx');

interface Expected {
  /** Names of parameters and buffers that the file must have, a share of them. */
  readonly names: readonly string[];
  readonly notice: RegExp;
}

const files: Readonly<Record<string, Expected>> = {
  'torch-older-train': {
    names: ['conv.weight', 'bn.running_var', 'head.bias'],
    notice: /does not say which of its initializers/,
  },
  'torch-older-eval': { names: ['onnx::Conv_40', 'head.weight'], notice: /batch normalisations were folded/ },
  'torch-optimized': { names: ['conv.weight', 'val_9'], notice: /batch normalisations were folded/ },
  'torch-older-sequence': {
    names: ['table.weight', 'lstm.weight_hh_l0_reverse'],
    notice: /of tied ones only one name is left/,
  },
  'keras-cnn': { names: ['model/conv2d/Conv2D/ReadVariableOp:0'], notice: /several operators read one tensor/ },
  'keras-sequence': { names: ['W0__93', 'R__112'], notice: /does not say which/ },
  'sklearn-mlp': { names: ['coefficient', 'intercepts2'], notice: /labels\) are left aside: output_label/ },
  external: { names: ['coefficient', 'intercepts2'], notice: /does not say which/ },
};

const modelOf = async (file: string) => parseModel({ topology: await readModelText(file) });

describe('files of ONNX', () => {
  for (const [name, { names, notice }] of Object.entries(files))
    it(`${name} computes in inference what its own runtime computes, and says what it lacks`, async () => {
      const file = path.join(folder, `${name}.onnx`);
      assert.ok(await graphFormatOf(file));
      const { topology, format } = await modelOf(file);
      assert.equal(format, 'onnx');
      const params = topology.layers.flatMap((layer) => layer.params);
      const own = params.map((param) => param.name);
      for (const each of names) assert.ok(own.includes(each), `${each} in ${own.join(', ')}`);
      assert.match((topology.notices ?? []).map(({ message }) => message).join('\n'), notice);
      const weights = checkWeights((await readModelWeights(file)) ?? new Map(), params);
      const { tensors } = await readSafetensors(path.join(folder, `${name}.safetensors`));
      const [found] = await infer(topology, weights, pickInputs(topology, tensors), 'moving');
      const truth = tensors.get('output0');
      assert.deepEqual(found?.shape, truth?.shape);
      const largest = Math.max(...[...(truth?.data ?? [])].map(Math.abs));
      truth?.data.forEach((value, index) => {
        assert.ok(Math.abs(value - (found?.data[index] ?? Number.NaN)) <= 1e-5 * largest, `${name}: element ${index}`);
      });
    });

  it('a state_dict with the other names of tied parameters and with tensors that nothing reads is taken', async () => {
    for (const name of ['tied_weights', 'param_direct']) {
      const place = path.resolve(folder, '../pytorch', name);
      const { topology } = await modelOf(path.join(place, 'model.onnx'));
      const params = topology.layers.flatMap((layer) => layer.params);
      const { tensors } = await readSafetensors(path.join(place, 'state.safetensors'));
      assert.ok(tensors.size > params.length);
      assert.equal(checkWeights(tensors, params).size, params.length);
      const lacking = new Map([...tensors].filter(([each]) => each !== params[0]?.name));
      assert.throws(() => checkWeights(lacking, params), /is missing/);
    }
  });

  it('roles are found through the rearranged gates of recurrent layers', async () => {
    const { topology } = await modelOf(path.join(folder, 'torch-older-sequence.onnx'));
    const roles = new Map(topology.layers.flatMap((layer) => layer.params).map(({ name, key }) => [name, key]));
    assert.equal(roles.get('lstm.weight_ih_l0'), 'kernel');
    assert.equal(roles.get('lstm.bias_hh_l0_reverse'), 'bias');
  });
});

describe('ONNX files that are refused', () => {
  const refused = async (file: string, code: string, message: RegExp) =>
    assert.rejects(modelOf(file), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });

  it('without the file of its tensors, with tensors elsewhere, and with a file that is too short', async () => {
    const place = await temporaryFolder();
    const file = path.join(place, 'model.onnx');
    await copyFile(path.join(folder, 'external.onnx'), file);
    await refused(file, 'MODEL_MALFORMED', /external\.bin, which is not there; send it in the same upload/);
    await writeFile(path.join(place, 'external.bin'), new Uint8Array(8));
    await refused(file, 'MODEL_MALFORMED', /needs \d+ bytes from \d+ of external\.bin, which has 8 bytes/);
    const bytes = (await readFile(file)).toString('latin1').replaceAll('external.bin', '../ternal.bi');
    await writeFile(file, Buffer.from(bytes, 'latin1'));
    await refused(file, 'MODEL_MALFORMED', /must lie beside the model under plain names/);
  });

  it('cut off at every part of its length, never with an internal error', async () => {
    const place = await temporaryFolder();
    const bytes = await readFile(path.join(folder, 'sklearn-mlp.onnx'));
    for (let part = 1; part < 12; part++) {
      const file = path.join(place, `cut${part}.onnx`);
      await writeFile(file, bytes.subarray(0, Math.floor((bytes.length * part) / 12)));
      await assert.rejects(
        modelOf(file),
        (error: unknown) => error instanceof AppError && error.code === 'MODEL_MALFORMED',
      );
      assert.equal(await graphFormatOf(file), undefined);
    }
  });

  it('of an older opset, with the way out', async () => {
    const file = path.join(await temporaryFolder(), 'old.onnx');
    const bytes = await readFile(path.join(folder, 'torch-older-eval.onnx'));
    // opset_import: a message of two bytes, the version.
    const at = bytes.lastIndexOf(Buffer.of(0x42, 0x02, 0x10, 17));
    assert.ok(at > 0);
    bytes[at + 3] = 11;
    await writeFile(file, bytes);
    await refused(
      file,
      'MODEL_MALFORMED',
      /has the operator set 11, 13 and later are read; convert it with onnx\.version_converter/,
    );
  });
});
