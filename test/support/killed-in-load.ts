/** A process that kills itself when TensorFlow is about to load a graph. */
import { tensorFlowBackend } from '../../src/engine/graph/binding.ts';
import { acquireSession } from '../../src/engine/graph/sessions.ts';
import { tf } from '../../src/engine/tf.ts';

await tf.ready();
tensorFlowBackend().loadSavedModelMetaGraph = () => process.kill(process.pid, 'SIGKILL') as never;
acquireSession(new Uint8Array(8));
