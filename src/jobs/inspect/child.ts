/** A process of the inspector: one task at a time. */
import { setPriority } from 'node:os';
import { type AppError, toAppError } from '../../errors.ts';
import { checkSpec } from './check-spec.ts';
import { inspectFile } from './inspect-files.ts';
import { readBody } from './read-body.ts';
import type { InspectorTask } from './tasks.ts';

export type Reply =
  | { readonly value: unknown }
  | { readonly error: Pick<AppError, 'code' | 'message' | 'problems' | 'details' | 'permanent'> };

/** Requests are answered first. */
const niceness = 5;

async function perform(task: InspectorTask): Promise<unknown> {
  if (task.kind === 'file') return inspectFile(task.request);
  if (task.kind === 'check') return checkSpec(task.request);
  return readBody(task.bytes);
}

async function answer(task: InspectorTask): Promise<Reply> {
  try {
    return { value: await perform(task) };
  } catch (thrown) {
    const { code, message, problems, details, permanent } = toAppError(thrown);
    return { error: { code, message, problems, details, permanent } };
  }
}

setPriority(niceness);
process.on('message', (task: InspectorTask) => {
  void answer(task).then((reply) => process.send?.(reply));
});
// The API is gone: nobody waits for an answer.
process.on('disconnect', () => process.exit());
