/** Parses a byte stream of server-sent events with eventsource-parser. */
import { createParser } from 'eventsource-parser';

export interface ServerSentEvent {
  /** The id of this event, or of the latest earlier event that had one. */
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Every event. Comments, which the service sends to keep the connection open, give no event. */
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
