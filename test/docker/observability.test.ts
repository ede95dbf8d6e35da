/** What the dashboard and the alert rules ask for is measured. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { createClient } from '../../src/client/index.ts';
import { createKey } from '../../src/http/api-keys.ts';
import { runningService } from '../support/service.ts';

const folder = path.join(projectRoot, 'docker', 'observability');
const dashboard = JSON.parse(readFileSync(path.join(folder, 'grafana-dashboard.json'), 'utf8')) as {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
};
const alerts = parse(readFileSync(path.join(folder, 'alerts.yml'), 'utf8')) as {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
};
const rules = alerts.groups.flatMap((group) => group.rules);
const expressions = [...dashboard.panels.flatMap(({ targets }) => targets), ...rules].map(({ expr }) => expr);

test('every metric and label of the dashboard, the alerts and the document is served', async () => {
  const key = createKey('ann', ['jobs:read', 'jobs:write']);
  const { url } = await runningService({ API_KEYS: key.entry });
  const client = createClient({ baseUrl: url, apiKey: key.token });
  const job = await client.submit({
    model: { format: 'zoo', name: 'small-cnn' },
    dataset: { ref: 'builtin:digits' },
    method: { name: 'gradinit', options: { learningRate: 0.01, iterations: 5, batchSize: 32 } },
  });
  await client.wait(job.id);
  const served = await (await fetch(`${url}/metrics`)).text();
  const series = served.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const expression of expressions)
    for (const [, metric = '', selector = ''] of expression.matchAll(
      /\b((?:gradinit|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g,
    )) {
      const found = series.filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
      assert.ok(found.length > 0, `${metric} of ${expression}`);
      for (const [, label = ''] of selector.matchAll(/(\w+)[=!]/g))
        assert.ok(
          found.some((line) => line.includes(`${label}="`)),
          `${label} of ${expression}`,
        );
    }
  for (const expression of expressions)
    for (const label of (/by \(([^)]*)\)/.exec(expression)?.[1] ?? '').split(',').map((name) => name.trim()))
      if (label !== '') assert.ok(served.includes(`${label}="`), `${label} of ${expression}`);
  assert.match(served, /gradinit_tenant_jobs\{tenant="ann",status="queued"\} 0/);
  const text = readFileSync(path.join(projectRoot, 'docs', 'observability.md'), 'utf8');
  for (const [metric] of text.matchAll(/\bgradinit_[a-z_]+/g)) assert.ok(served.includes(metric), metric);
});

test('panels have ids of their own, alerts say what is wrong and what to do', () => {
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, annotations } of rules)
    assert.ok(annotations.summary?.endsWith('.') && annotations.description, alert);
});
