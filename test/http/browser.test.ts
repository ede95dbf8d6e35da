/** Pages of other origins in a real browser: what CORS_ORIGINS lists can load models and read headers, anything else is refused by the browser. */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { artifactFormats } from '../../src/artifacts/index.ts';
import { createKey } from '../../src/http/api-keys.ts';
import { sampleContent } from '../artifacts/content.ts';
import { smallJob, testApi } from '../support/api.ts';
import { startBrowser } from '../support/browser.ts';
import { httpServer } from '../support/http-server.ts';
import { temporaryFolder } from '../support/temporary.ts';

declare const tf: typeof tfjs;

const require = createRequire(import.meta.url);
const tfjsBundle = path.join(path.dirname(require.resolve('@tensorflow/tfjs/package.json')), 'dist/tf.min.js');

/** A site with one page, which has loaded TensorFlow.js. */
async function startSite(): Promise<string> {
  const host = await httpServer((request, response) => {
    if (request.url === '/tf.min.js') return createReadStream(tfjsBundle).pipe(response);
    response.setHeader('content-type', 'text/html');
    return response.end('<!doctype html><title>page</title><script src="/tf.min.js"></script>');
  });
  return `http://${host}`;
}

const browser = await startBrowser();

if (typeof browser === 'string') test('pages of other origins in a browser', (t) => t.skip(browser));
else {
  const [listed, other] = [await startSite(), await startSite()];
  const key = createKey('tester', ['jobs:read', 'jobs:write']);
  const api = await testApi({ environment: { API_KEYS: key.entry, CORS_ORIGINS: listed } });
  const service = await api.app.listen({ port: 0, host: '127.0.0.1' });
  const authorization = `Bearer ${key.token}`;
  const { content, input, output } = sampleContent();

  const created = await api.app.inject({
    method: 'POST',
    url: '/v1/jobs',
    headers: { authorization },
    payload: smallJob,
  });
  const folder = await temporaryFolder();
  await artifactFormats['tfjs-layers'].write(folder, content);
  await api.stores.artifacts.put(created.json().id, folder);
  await api.queue.jobs.move(created.json().id, 'running');
  await api.queue.jobs.move(created.json().id, 'succeeded');
  const url = `${service}/v1/jobs/${created.json().id}/artifacts/tfjs/model.json`;

  const pageOf = async (site: string) => {
    const page = await browser.newPage();
    await page.goto(site);
    return page;
  };

  test('tf.loadLayersModel(url) on a listed page loads the model, which predicts what it predicts here', async () => {
    const page = await pageOf(listed);
    const given = { url, authorization, shape: [...input.shape], values: [...input.data] };
    const predicted = await page.evaluate(async ({ url, authorization, shape, values }) => {
      await tf.setBackend('cpu');
      const model = await tf.loadLayersModel(url, { requestInit: { headers: { authorization } } });
      return [...(model.predict(tf.tensor(values, shape)) as tfjs.Tensor).dataSync()];
    }, given);
    assert.equal(predicted.length, output.length);
    for (const [at, value] of predicted.entries()) assert.ok(Math.abs(value - (output[at] ?? 0)) < 1e-4, `${at}`);
    await page.close();
  });

  test('a listed page reads the digest, the tag and the range of a download', async () => {
    const page = await pageOf(listed);
    const answer = await page.evaluate(
      async ({ url, authorization }) => {
        const response = await fetch(url, { headers: { authorization, range: 'bytes=0-9' } });
        const { status, headers } = response;
        const [range, tag, digest] = ['content-range', 'etag', 'repr-digest'].map((name) => headers.get(name));
        return { status, range, tag, digest };
      },
      { url, authorization },
    );
    assert.equal(answer.status, 206);
    assert.match(answer.range ?? '', /^bytes 0-9\/\d+$/);
    const hex = Buffer.from(/^sha-256=:(.*):$/.exec(answer.digest ?? '')?.[1] ?? '', 'base64').toString('hex');
    assert.equal(answer.tag, `"${hex}"`);
    await page.close();
  });

  test('the browser refuses a page that is not listed', async () => {
    const page = await pageOf(other);
    const blocked = page.waitForEvent('console', (message) => /CORS policy/.test(message.text()));
    const load = page.evaluate(
      ({ url, authorization }) => tf.loadLayersModel(url, { requestInit: { headers: { authorization } } }),
      { url, authorization },
    );
    await assert.rejects(load, /Failed to fetch/);
    await blocked;
    await page.close();
  });
}
