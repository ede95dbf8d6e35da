/** The guard against real servers of this machine. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import type { Address } from '../../../src/storage/remote/connect.ts';
import { openRemote, type RemoteContext } from '../../../src/storage/remote/fetch-remote.ts';
import type { RemotePolicy } from '../../../src/storage/remote/policy.ts';
import { httpServer } from '../../support/http-server.ts';
import { remotePolicy } from '../../support/remote-policy.ts';

const policy = (privateHosts: string[], rest: Partial<RemotePolicy> = {}) => remotePolicy({ privateHosts, ...rest });

async function read(
  url: string,
  allowed: RemotePolicy,
  context: RemoteContext = {},
): Promise<{ text: string; fileName: string }> {
  const { stream, fileName } = await openRemote(url, allowed, context);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return { text: Buffer.concat(chunks).toString(), fileName };
}

test('a file of an allowed host is fetched, with the name that it has there', async () => {
  const host = await httpServer((request, response) => response.end(`served ${request.url}`));
  assert.deepEqual(await read(`http://${host}/a/my%20data.csv?x=1`, policy([host])), {
    text: 'served /a/my%20data.csv?x=1',
    fileName: 'my data.csv',
  });
});

test('no cookie, no credential, no compression is asked for', async () => {
  let headers: object = {};
  const host = await httpServer((request, response) => {
    headers = request.headers;
    response.end();
  });
  await read(`http://${host}/x`, policy([host]));
  assert.deepEqual(Object.keys(headers).sort(), ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
});

test('a name with a private address among its addresses is refused before anything is sent', async () => {
  let asked = 0;
  const host = await httpServer((_, response) => {
    asked += 1;
    response.end('secret');
  });
  const port = host.split(':')[1] ?? '';
  const answers: readonly Address[][] = [
    [{ address: '127.0.0.1', family: 4 }],
    [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
    [{ address: '::ffff:127.0.0.1', family: 6 }],
    [
      { address: '2606:4700::1111', family: 6 },
      { address: 'fd00::1', family: 6 },
    ],
  ];
  for (const addresses of answers) {
    const refusal = openRemote(`https://data.example:${port}/x`, policy([], { ports: [port] }), {
      resolve: async () => addresses,
    });
    await assert.rejects(refusal, { code: 'REMOTE_REFUSED' });
  }
  await assert.rejects(openRemote(`https://localhost:${port}/x`, policy([], { ports: [port] })), {
    code: 'REMOTE_REFUSED',
  });
  assert.equal(asked, 0);
});

test('a name is resolved once: a second answer cannot lead elsewhere', async () => {
  const host = await httpServer((_, response) => response.end('here'));
  const port = host.split(':')[1] ?? '';
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return asked === 1 ? [{ address: '127.0.0.1', family: 4 }] : [{ address: '192.0.2.1', family: 4 }];
  };
  assert.equal(
    (await read(`http://data.example:${port}/`, policy([`data.example:${port}`]), { resolve })).text,
    'here',
  );
  assert.equal(asked, 1);
});

test('redirects are followed under the same rules', async () => {
  const inner = await httpServer((_, response) => response.end('inner'));
  const target = { location: '' };
  const outer = await httpServer((request, response) => {
    if (request.url === '/relative') return response.writeHead(302, { location: '/end' }).end();
    if (request.url === '/end') return response.end('end');
    if (request.url === '/loop') return response.writeHead(307, { location: '/loop' }).end();
    return response.writeHead(301, target).end();
  });
  assert.equal((await read(`http://${outer}/relative`, policy([outer]))).text, 'end');
  target.location = `http://${inner}/x`;
  assert.equal((await read(`http://${outer}/out`, policy([outer, inner]))).text, 'inner');
  for (const location of [
    `http://${inner}/x`,
    'https://127.0.0.1/',
    'https://[::1]/',
    'file:///etc/passwd',
    'http://169.254.169.254/',
    'https://2130706433/',
    'https://user:password@example.com/',
    'http://',
  ]) {
    target.location = location;
    await assert.rejects(read(`http://${outer}/out`, policy([outer])), { code: 'REMOTE_REFUSED' }, location);
  }
  await assert.rejects(read(`http://${outer}/loop`, policy([outer])), { code: 'REMOTE_FAILED', message: /redirects/ });
});

test('more bytes than allowed are not taken, announced or not', async () => {
  const announced = await httpServer((_, response) => response.writeHead(200, { 'content-length': 1e12 }).write('x'));
  await assert.rejects(read(`http://${announced}/`, policy([announced])), {
    code: 'DATASET_TOO_LARGE',
    message: /10000 bytes/,
  });
  const endless = await httpServer((_, response) => {
    const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(read(`http://${endless}/`, policy([endless])), { code: 'DATASET_TOO_LARGE' });
});

test('a server that is too slow is given up, whether it answers or not', async () => {
  const silent = await httpServer(() => {});
  await assert.rejects(read(`http://${silent}/`, policy([silent], { timeoutMs: 100 })), {
    code: 'REMOTE_FAILED',
    message: /longer than allowed/,
  });
  const dripping = await httpServer((_, response) => {
    const timer = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(read(`http://${dripping}/`, policy([dripping], { timeoutMs: 200 })), { code: 'REMOTE_FAILED' });
});

test('a download that is cancelled says so', async () => {
  const silent = await httpServer(() => {});
  const cancel = new AbortController();
  const download = read(`http://${silent}/`, policy([silent]), { signal: cancel.signal });
  setImmediate(() => cancel.abort());
  await assert.rejects(download, { code: 'CANCELLED' });
});

const failures: readonly { title: string; listener: RequestListener; says: RegExp; permanent: boolean }[] = [
  {
    title: 'is not there',
    listener: (_, response) => response.writeHead(404).end(),
    says: /answered 404/,
    permanent: true,
  },
  {
    title: 'is forbidden',
    listener: (_, response) => response.writeHead(403).end(),
    says: /answered 403/,
    permanent: true,
  },
  {
    title: 'is of a server that fails',
    listener: (_, response) => response.writeHead(502).end(),
    says: /answered 502/,
    permanent: false,
  },
  {
    title: 'is of a server that is busy',
    listener: (_, response) => response.writeHead(429).end(),
    says: /answered 429/,
    permanent: false,
  },
  {
    title: 'is redirected to nowhere',
    listener: (_, response) => response.writeHead(302).end(),
    says: /answered 302/,
    permanent: true,
  },
  {
    title: 'breaks off',
    listener: (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x');
      setTimeout(() => response.destroy(), 10);
    },
    says: /aborted|closed|hang up|terminated/,
    permanent: false,
  },
];
for (const { title, listener, says, permanent } of failures) {
  test(`a file that ${title} fails with the reason`, async () => {
    const host = await httpServer(listener);
    await assert.rejects(read(`http://${host}/x`, policy([host])), { code: 'REMOTE_FAILED', message: says, permanent });
  });
}

test('a host that is not there fails and may be tried again', async () => {
  const refusal = read('http://127.0.0.1:1/x', policy(['127.0.0.1:1']));
  await assert.rejects(refusal, { code: 'REMOTE_FAILED', permanent: false });
});
