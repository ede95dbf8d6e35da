/** Prometheus metrics: HTTP latency by route, jobs by status, and what workers report of their runs. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { isTerminal, jobStatuses } from '../../contract/job-status.ts';
import type { App } from '../app-types.ts';
import type { HttpOptions, Services } from '../services.ts';

const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Series are bounded by the configuration: keys beyond these are counted together. */
const maxTenants = 100;
const unfinished = jobStatuses.filter((status) => !isTerminal(status));

export function installMetrics(app: App, { countJobs, runMetrics }: Services, { keys }: HttpOptions): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const latency = new Histogram({
    name: 'gradinit_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer. Long polls and streams count as long as they last.',
    labelNames: ['method', 'route', 'status'],
    buckets: latencyBuckets,
    registers: [registry],
  });
  const jobs = new Gauge({
    name: 'gradinit_jobs',
    help: 'Jobs by status.',
    labelNames: ['status'],
    registers: [registry],
  });
  const tenantJobs = new Gauge({
    name: 'gradinit_tenant_jobs',
    help: `Jobs that are not over, by name of the API key; keys beyond ${maxTenants} are "other".`,
    labelNames: ['tenant', 'status'],
    registers: [registry],
  });
  const tenants = [...new Set(keys.map(({ name }) => name))].sort();

  const countTenants = async () => {
    const counts = await Promise.all(tenants.map((name) => countJobs(name)));
    tenantJobs.reset();
    for (const [index, name] of tenants.entries())
      for (const status of unfinished)
        tenantJobs.inc({ tenant: index < maxTenants ? name : 'other', status }, counts[index]?.[status] ?? 0);
  };

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    latency.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });

  app.get('/metrics', {
    config: { access: 'public' },
    logLevel: 'warn',
    schema: { hide: true },
    async handler(_request, reply) {
      // Without Redis the numbers of the process itself are still answered.
      const counts = await countJobs(null).catch(() => null);
      jobs.reset();
      for (const status of jobStatuses) if (counts !== null) jobs.set({ status }, counts[status]);
      await countTenants().catch(() => tenantJobs.reset());
      const runs = await runMetrics().catch(() => '');
      return reply.type(registry.contentType).send(`${await registry.metrics()}${runs}`);
    },
  });
}
