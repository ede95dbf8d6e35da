/** Real groups of Valkey servers for one test file: replicas, sentinels, a cluster. They and their data are removed after the tests. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after } from 'node:test';
import { Redis } from 'ioredis';
import { freePort, startProcess, startValkey, type Valkey } from '../../src/local/valkey.ts';
import { until } from './api.ts';
import { temporaryFolder } from './temporary.ts';

/** Time after which sentinels consider a server down: short for a test, but long enough for a busy machine. */
const downAfterMs = 2000;
const masters = 3;
const slots = 16_384;

export interface TestNode {
  readonly port: number;
  command(...args: readonly string[]): Promise<unknown>;
  signal(name: NodeJS.Signals): void;
}

function nodeOf(server: Valkey): TestNode {
  const redis = new Redis({ port: server.port, lazyConnect: true, maxRetriesPerRequest: null, protocol: 2 });
  redis.on('error', () => {});
  after(async () => {
    redis.disconnect();
    await server.stop('SIGKILL');
  });
  return {
    port: server.port,
    command: (name = '', ...args) => redis.call(name, ...args),
    signal: (name) => void process.kill(server.pid, name),
  };
}

export async function testNode(...settings: readonly string[]): Promise<TestNode> {
  return nodeOf(await startValkey({ folder: path.join(await temporaryFolder(), 'valkey'), settings }));
}

/** A replica that has received all data of the primary. */
export async function testReplica(primary: TestNode): Promise<TestNode> {
  const replica = await testNode('--replicaof', '127.0.0.1', String(primary.port));
  await until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'));
  return replica;
}

export interface TestSentinels {
  /** URL for REDIS_URL. */
  readonly url: string;
  readonly primary: TestNode;
  readonly replica: TestNode;
}

/** A primary, a replica, and three sentinels that can agree on a failover. */
export async function testSentinels(): Promise<TestSentinels> {
  const primary = await testNode();
  const replica = await testReplica(primary);
  const folder = path.join(await temporaryFolder(), 'sentinels');
  await mkdir(folder);
  const sentinels = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const port = await freePort();
      const file = path.join(folder, `${number}.conf`);
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor jobs 127.0.0.1 ${primary.port} 2`,
        `sentinel down-after-milliseconds jobs ${downAfterMs}`,
        'sentinel failover-timeout jobs 4000',
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return nodeOf(await startProcess(port, [file, '--sentinel']));
    }),
  );
  const knows = async (sentinel: TestNode) => {
    const found = String(await sentinel.command('INFO', 'sentinel'));
    return found.includes('slaves=1,sentinels=3');
  };
  for (const sentinel of sentinels) await until(() => knows(sentinel));
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return { url: `redis+sentinel://${hosts}/jobs`, primary, replica };
}

export interface TestCluster {
  /** URL for REDIS_URL. */
  readonly url: string;
  /** The primary that holds the keys of the default prefix. */
  readonly owner: TestNode;
  readonly replica: TestNode;
  readonly others: readonly TestNode[];
}

/** Three primaries with a third of the slots each, and a replica of the one that holds the keys of the default prefix. */
export async function testCluster(): Promise<TestCluster> {
  const nodes = await Promise.all(
    Array.from({ length: masters + 1 }, async () =>
      testNode(
        '--cluster-enabled',
        'yes',
        // The default, 10,000 above the port, may exceed the largest port.
        '--cluster-port',
        String(await freePort()),
        '--cluster-node-timeout',
        String(downAfterMs),
      ),
    ),
  );
  const [replica, ...primaries] = nodes as [TestNode, ...TestNode[]];
  const bounds = Array.from({ length: masters + 1 }, (_, at) => Math.floor((at * slots) / masters));
  for (const [at, node] of primaries.entries()) {
    await node.command('CLUSTER', 'ADDSLOTSRANGE', String(bounds[at]), String((bounds[at + 1] ?? 0) - 1));
    const bus = /@(\d+)/.exec(String(await node.command('CLUSTER', 'NODES')))?.[1] ?? '';
    await replica.command('CLUSTER', 'MEET', '127.0.0.1', String(node.port), bus);
  }
  const isWhole = async (node: TestNode) => {
    const info = String(await node.command('CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
  };
  for (const node of nodes) await until(() => isWhole(node));
  const slot = Number(await replica.command('CLUSTER', 'KEYSLOT', '{gradinit}'));
  const owner = primaries[bounds.findLastIndex((bound) => bound <= slot)] as TestNode;
  await replica.command('CLUSTER', 'REPLICATE', String(await owner.command('CLUSTER', 'MYID')));
  await until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'));
  const url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  return { url, owner, replica, others: primaries.filter((node) => node !== owner) };
}
