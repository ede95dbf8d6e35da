/** Converts one call of a step to a recording. */
import { AppError } from '../../errors.ts';
import { scoped, type Tensor } from '../tf.ts';
import { type OutputMetadata, tensorFlowBackend } from './binding.ts';
import { fuseConvolutions } from './fuse-convolution.ts';
import { Recorder } from './recorder.ts';
import type { Recording } from './recording.ts';
import { encodeSavedModel } from './saved-model.ts';

export type Tensors = Readonly<Record<string, Tensor>>;
/** A pure function of tensors. It must not read values, draw random numbers or use tensors that are not its inputs. */
export type Step = (inputs: Tensors) => Tensors;

/** Records `step` for inputs of these shapes. Throws STEP_NOT_PURE. */
export function record(step: Step, examples: Tensors): Recording {
  const backend = tensorFlowBackend();
  const real = backend.binding;
  const recorder = new Recorder(real);
  const inputs: { name: string; node: number }[] = [];
  backend.binding = recorder.binding();
  try {
    return scoped(() => {
      const placeholders: Record<string, Tensor> = {};
      for (const [name, example] of Object.entries(examples)) {
        const dtype = backend.tensorMap.get(example.dataId).dtype;
        inputs.push({ name, node: recorder.nodes.length });
        placeholders[name] = backend.createOutputTensor(recorder.addInput(name, example.shape, dtype));
      }
      const results = step(placeholders);
      const outputs = Object.entries(results).map(([name, tensor]) => {
        const [id] = backend.getInputTensorIds([tensor]) as [number];
        const value = recorder.valueOf(id);
        if (recorder.nodes[value.node]?.kind !== 'input') return { name, value };
        // TensorFlow cannot fetch a tensor that is fed, so that a returned input becomes a copy.
        const [copy] = backend.binding.executeOp('Identity', [], [id], 1) as [OutputMetadata];
        return { name, value: recorder.valueOf(copy.id) };
      });
      return { nodes: recorder.nodes, inputs, outputs };
    });
  } finally {
    backend.binding = real;
    recorder.finish();
  }
}

/** Records twice and compares: a value that differs between the two without being an input would be constant in the graph. */
export function recordPure(name: string, step: Step, examples: Tensors): { recording: Recording; bytes: Uint8Array } {
  const optimize = tensorFlowBackend().isUsingGpuDevice ? (recording: Recording) => recording : fuseConvolutions;
  const recording = optimize(record(step, examples));
  const bytes = encodeSavedModel(recording);
  const again = encodeSavedModel(optimize(record(step, examples)));
  if (Buffer.compare(bytes, again) !== 0) {
    throw new AppError(
      'STEP_NOT_PURE',
      `the step "${name}" does not repeat: a value that is not an input differs between two recordings`,
    );
  }
  return { recording, bytes };
}
