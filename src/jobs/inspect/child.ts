/** The process that opens files for the API: one request at a time, answered in order. */
import { type AppError, toAppError } from '../../errors.ts';
import { type InspectRequest, inspectFile } from './inspect-files.ts';

export type Reply =
  | { readonly value: Awaited<ReturnType<typeof inspectFile>> }
  | { readonly error: Pick<AppError, 'code' | 'message' | 'problems' | 'details' | 'permanent'> };

async function answer(request: InspectRequest): Promise<Reply> {
  try {
    return { value: await inspectFile(request) };
  } catch (thrown) {
    const { code, message, problems, details, permanent } = toAppError(thrown);
    return { error: { code, message, problems, details, permanent } };
  }
}

process.on('message', (request: InspectRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
// The API is gone: nobody waits for an answer.
process.on('disconnect', () => process.exit());
