/** A process of the inspector: one task at a time, all of one purpose. */
import { type AppError, toAppError } from '../../errors.ts';
import { type InspectorTask, type Purpose, ready } from './tasks.ts';

export type Reply =
  | { readonly value: unknown }
  | { readonly error: Pick<AppError, 'code' | 'message' | 'problems' | 'details' | 'permanent'> };

type Perform = (task: InspectorTask) => unknown;

/** Loads no more than the purpose needs: readers of data are many, and a process that checks models opens none. */
const performers: Readonly<Record<Purpose, () => Promise<Perform>>> = {
  async files() {
    const [{ inspectFile }, { showSamples }] = await Promise.all([
      import('./inspect-files.ts'),
      import('./show-samples.ts'),
    ]);
    return (task) => {
      if (task.kind === 'file') return inspectFile(task.request);
      return task.kind === 'samples' ? showSamples(task.request, task.count) : refuse(task);
    };
  },
  async checks() {
    const [{ checkSpec }, { readBody }] = await Promise.all([import('./check-spec.ts'), import('./read-body.ts')]);
    return (task) => {
      if (task.kind === 'check') return checkSpec(task.request);
      return task.kind === 'body' ? readBody(task.bytes) : refuse(task);
    };
  },
};

function refuse({ kind }: InspectorTask): never {
  throw new Error(`a task of kind ${kind} came to a process of another purpose`);
}

async function answer(perform: Perform, task: InspectorTask): Promise<Reply> {
  try {
    return { value: await perform(task) };
  } catch (thrown) {
    const { code, message, problems, details, permanent } = toAppError(thrown);
    return { error: { code, message, problems, details, permanent } };
  }
}

// The API process has ended, and nothing waits for an answer.
process.on('disconnect', () => process.exit());

const perform = await performers[process.argv[2] === 'files' ? 'files' : 'checks']();
process.on('message', (task: InspectorTask) => {
  void answer(perform, task).then((reply) => process.send?.(reply));
});
if (process.connected) process.send?.(ready);
