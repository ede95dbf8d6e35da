/** A TCP proxy that simulates faults of networks: it cuts connections, delays them, or keeps them open without forwarding data. */
import { connect, createServer, type Socket } from 'node:net';
import { after } from 'node:test';

export interface TestProxy {
  readonly port: number;
  readonly url: string;
  /** New connections are forwarded to this port. */
  target(port: number): void;
  /** Current connections stay open but forward nothing. */
  mute(): void;
  /** Current connections forward requests but no answers. */
  muteAnswers(): void;
  /** All current and future connections stay open but forward nothing, until `restore`. */
  swallow(): void;
  /** Every chunk is delayed by `ms` milliseconds. */
  delay(ms: number): void;
  /** Closes all connections. */
  cut(): void;
  /** New connections are forwarded again, without delay. */
  restore(): void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  isMute: boolean;
  givesAnswers: boolean;
}

export async function testProxy(initialPort: number): Promise<TestProxy> {
  const pairs = new Set<Pair>();
  let targetPort = initialPort;
  let swallows = false;
  let delayMs = 0;

  function forward(pair: Pair, from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on('data', (data) => {
      const send = () => {
        if (!pair.isMute && !swallows && to.writable && (pair.givesAnswers || from === pair.client)) to.write(data);
      };
      if (delayMs === 0) last = last.then(send);
      else {
        const late = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
        last = last.then(() => late).then(send);
      }
    });
    from.on('error', () => {});
    from.on('close', () => {
      to.destroy();
      pairs.delete(pair);
    });
  }

  const listener = createServer((client) => {
    const pair = { client, server: connect(targetPort, '127.0.0.1'), isMute: false, givesAnswers: true };
    for (const socket of [pair.client, pair.server]) socket.setNoDelay(true);
    pairs.add(pair);
    forward(pair, pair.client, pair.server);
    forward(pair, pair.server, pair.client);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const cut = () => {
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
  };
  after(() => {
    cut();
    listener.close();
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    cut,
    target: (next) => {
      targetPort = next;
    },
    mute() {
      for (const pair of pairs) pair.isMute = true;
    },
    muteAnswers() {
      for (const pair of pairs) pair.givesAnswers = false;
    },
    swallow: () => {
      swallows = true;
      for (const pair of pairs) pair.isMute = true;
    },
    delay: (ms) => {
      delayMs = ms;
    },
    restore() {
      swallows = false;
      delayMs = 0;
    },
  };
}
