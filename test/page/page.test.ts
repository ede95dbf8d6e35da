/** The page in a real Chromium: every view is drawn and free of what axe-core finds, in both schemes and on a phone; jobs are live; sessions work. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type * as axeCore from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { createKey } from '../../src/http/api-keys.ts';
import { announceWorker } from '../../src/queue/index.ts';
import { smallJob, testApi } from '../support/api.ts';
import { atEnd } from '../support/at-end.ts';
import { startBrowser } from '../support/browser.ts';
import { testValkey } from '../support/valkey.ts';

declare const axe: typeof axeCore;
/** What the functions use that run in the browser. */
declare const location: { hash: string };
declare const innerWidth: number;
declare const document: {
  readonly title: string;
  readonly cookie: string;
  readonly body: { readonly textContent: string | null };
  readonly activeElement: { readonly className: string } | null;
  readonly documentElement: { readonly scrollWidth: number };
  querySelectorAll(selector: string): { readonly length: number };
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await startBrowser();

if (typeof browser === 'string') test('the page in a browser', (t) => t.skip(browser));
else {
  const valkey = await testValkey();
  const { app, queue } = await testApi({ valkey });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const ann = createKey('ann', ['jobs:read', 'jobs:write']);
  const reader = createKey('reader', ['jobs:read']);
  const keyed = await testApi({
    valkey,
    environment: { API_KEYS: `${ann.entry},${reader.entry}`, QUEUE_PREFIX: '{keyed}' },
  });
  const keyedUrl = await keyed.app.listen({ port: 0, host: '127.0.0.1' });

  const create = async (payload: object = smallJob): Promise<string> =>
    (await app.inject({ method: 'POST', url: '/v1/jobs', payload })).json().id;
  const progress = (id: string, iteration: number) =>
    queue.events.append(id, {
      type: 'progress',
      data: {
        iteration,
        iterations: 40,
        etaSeconds: 3,
        branch: iteration % 2 ? 'objective' : 'constraint',
        loss: 2 / iteration,
        gradientNorm: iteration,
        objective: 3,
        scales: { 'a/kernel': 1 + iteration / 10, 'b/kernel': 1 - iteration / 50 },
      },
    });

  /** A page that collects what must not happen: errors, violations of the policy, requests to elsewhere. */
  const open = async (address: string, options: BrowserContextOptions = {}): Promise<Page & { faults: string[] }> => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const faults: string[] = [];
    const { origin } = new URL(address);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (401|404|503)/.test(message.text())) faults.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) faults.push(request.url());
    });
    await page.goto(address);
    await page.waitForSelector('main h1');
    return Object.assign(page, { faults });
  };

  async function violations(page: Page): Promise<string[]> {
    // Through the debugger, as the policy of the page lets no script in.
    await page.evaluate(axeSource);
    const found = await page.evaluate(() => axe.run());
    return found.violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .join(' ')
          .slice(0, 300)}`,
    );
  }

  const running = await create();
  await queue.jobs.move(running, 'running', { phase: 'initializing' });
  for (const iteration of [1, 2, 3]) await progress(running, iteration);
  const failed = await create({ ...smallJob, metadata: { team: 'vision' } });
  await queue.jobs.move(failed, 'running');
  await queue.jobs.move(failed, 'failed', { error: { code: 'DIVERGED', message: 'iteration 3: loss is NaN' } });
  const queued = await create();
  const worker = {
    id: 'w',
    name: 'w1',
    pid: 1,
    startedAt: new Date().toISOString(),
    devices: [{ name: 'cpu', backend: 'cpu', jobId: running, memoryBytes: 1 }],
  };
  const announced = announceWorker(queue.redis, queue.keys, () => worker);
  atEnd(() => announced.stop());
  const comparison = (
    await app.inject({
      method: 'POST',
      url: '/v1/comparisons',
      payload: {
        models: [{ model: smallJob.model }],
        dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
        methods: ['kaiming', 'fixup'],
        training: { epochs: 1 },
      },
    })
  ).json().id;

  const views = [
    ['/', 'Overview', 'w1'],
    ['/jobs', 'Jobs', failed],
    [`/jobs/${running}`, 'mlp, gradinit', 'Scales by layer'],
    [`/jobs/${failed}`, 'mlp, gradinit', 'DIVERGED'],
    ['/jobs/new', 'New job', 'builtin:digits'],
    ['/comparisons', 'Comparisons', comparison],
    [`/comparisons/${comparison}`, 'Comparison', 'does not apply'],
    ['/datasets', 'Datasets', 'Always there'],
    ['/datasets/builtin:digits', 'builtin:digits', 'Pictures with their labels'],
    ['/catalogue', 'Methods and networks', 'lsuv'],
  ] as const;
  const looks = {
    'a desktop': {},
    'a desktop in dark': { colorScheme: 'dark' },
    'a phone': { viewport: { width: 360, height: 740 } },
  } as const;
  for (const [look, options] of Object.entries(looks)) {
    test(`every view on ${look}: drawn, no violation, nothing wider than the screen, nothing from elsewhere`, async () => {
      const page = await open(url, options);
      for (const [path, title, text] of views) {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, path);
        await page.waitForFunction((wanted) => document.title.startsWith(`${wanted} –`), title);
        await page.waitForSelector(`text=${text}`, { state: 'attached' });
        assert.deepEqual(await violations(page), [], `${path} on ${look}`);
        const [width, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok((width ?? 0) <= (screen ?? 0), `${path} is ${width} wide on ${screen}`);
      }
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }

  test('a job is drawn as its events come, and its end without a reload', async () => {
    const page = await open(`${url}/#/jobs/${running}`);
    await page.waitForSelector('line-plot[aria-label*="loss" i][aria-label*="3 points"]');
    await progress(running, 4);
    await page.waitForSelector('line-plot[aria-label*="4 points"]');
    await page.waitForSelector('text=initializing: 4 of 40');
    await queue.jobs.move(running, 'succeeded');
    await page.waitForSelector('.title .badge.good');
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test('jobs are filtered, searched and cancelled, all by keyboard', async () => {
    const page = await open(`${url}/#/jobs`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip');
    await page.focus('#search');
    await page.keyboard.type('team=vision');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    assert.match((await page.textContent('tbody')) ?? '', /DIVERGED/);
    await page.goto(`${url}/#/jobs?status=queued`);
    await page.waitForSelector(`text=${queued}`);
    await page.focus(`button[aria-label*="${queued}"]`);
    await page.keyboard.press('Enter');
    await page.waitForFunction((id) => !document.body.textContent?.includes(id), queued);
    assert.equal((await app.inject(`/v1/jobs/${queued}`)).json().status, 'cancelled');
    await page.context().close();
  });

  test('a new job is checked and started', async () => {
    const page = await open(`${url}/#/jobs/new`);
    await page.click('text=Check it only');
    await page.waitForSelector('.badge.good >> text=valid');
    await page.click('text=Start the job');
    await page.waitForFunction(() => /^#\/jobs\/job_/.test(location.hash));
    await page.waitForSelector('.badge >> text=queued');
    await page.context().close();
  });

  test('where keys are set a report asks for a key and is then shown; a key for reading gets no buttons; signing out ends it', async () => {
    const made = await keyed.app.inject({
      method: 'POST',
      url: '/v1/comparisons',
      headers: { authorization: `Bearer ${ann.token}` },
      payload: {
        models: [{ model: smallJob.model }],
        dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
        methods: ['kaiming'],
        training: { epochs: 1 },
      },
    });
    const page = await open(`${keyedUrl}/v1/comparisons/${made.json().id}/report.html`);
    assert.equal(await page.textContent('main h1'), 'Sign in');
    assert.deepEqual(await violations(page), []);
    await page.fill('#key', 'gik_wrong');
    await page.click('main button');
    await page.waitForSelector('text=UNAUTHENTICATED');
    await page.fill('#key', ann.token);
    await page.click('main button');
    await page.waitForURL(/\/report\.html$/);
    assert.match((await page.textContent('h1')) ?? '', /Comparison/);
    await page.goto(keyedUrl);
    await page.waitForSelector('text=Signed in as ann');
    assert.equal(await page.evaluate(() => document.cookie), '', 'no script reads the cookie');
    await page.click('text=Sign out');
    await page.waitForSelector('h1 >> text=Sign in');
    await page.fill('#key', reader.token);
    await page.click('main button');
    await page.waitForSelector('text=Signed in as reader');
    assert.equal(await page.locator('text=New job').count(), 0);
    await page.context().close();
  });

  test('the policy of the page is strict, and its files are asked for again only when they changed', async () => {
    const { headers } = await app.inject('/');
    const policy = String(headers['content-security-policy']);
    assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
    assert.ok(!/<[^>]*\son\w+=|<style|<script>/.test((await app.inject('/')).body));
    const again = await app.inject({
      url: '/page/app.js',
      headers: { 'if-none-match': String((await app.inject('/page/app.js')).headers.etag) },
    });
    assert.equal(again.statusCode, 304);
  });
}
