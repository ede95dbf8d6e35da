/** Server-sent events out of a stream of bytes, by eventsource-parser. */
import { createParser } from 'eventsource-parser';

export interface ServerSentEvent {
  /** Of this event, or of the last one before it that had an id. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Every dispatched event. Comments, which keep the connection open, give none. */
export async function* parseServerSentEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  const parsed: ServerSentEvent[] = [];
  let lastId = '';
  const parser = createParser({
    onEvent({ id = lastId, event = 'message', data }) {
      lastId = id;
      parsed.push({ id, event, data });
    },
  });
  for await (const chunk of stream) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* parsed.splice(0);
  }
}
