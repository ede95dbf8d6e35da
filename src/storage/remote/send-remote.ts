/** Posts a message to a URL that a client named, under the same guard as downloads. Redirects are not followed, and nothing of the answer but its status is kept. */
import { AppError } from '../../errors.ts';
import { timeoutSignal } from '../../time-limit.ts';
import { connectRemote } from './connect.ts';
import { checkRemoteUrl, type RemotePolicy } from './policy.ts';

export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Bytes of an answer that are read before the connection is closed. They are not used, but a connection that is closed at once looks like a failure to the receiver. */
const maxAnswerBytes = 65_536;

/** Why nothing came back, in words without an address that the name has. */
function reasonOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string') return `no answer (${code})`;
  return error instanceof Error ? error.message : String(error);
}

/**
 * @returns the status code of the answer
 * @throws REMOTE_REFUSED when the policy forbids the URL or an address; REMOTE_FAILED (not permanent) when there is no answer in time
 */
export async function sendRemote(text: string, { headers, body }: Message, policy: RemotePolicy): Promise<number> {
  const checked = checkRemoteUrl(text, policy);
  const signal = timeoutSignal(policy.timeoutMs);
  try {
    const sized = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const response = await connectRemote(checked, { method: 'POST', headers: sized, body }, signal);
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxAnswerBytes) response.destroy();
    });
    response.on('error', () => {});
    return response.statusCode ?? 0;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = signal.aborted ? `no answer within ${policy.timeoutMs / 1000} s` : reasonOf(error);
    throw new AppError('REMOTE_FAILED', `the receiver cannot be reached: ${reason}`, {
      permanent: false,
      cause: error,
    });
  }
}
