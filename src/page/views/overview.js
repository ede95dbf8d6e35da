/** The service at a glance: what waits, runs and failed, who works, and whose jobs they are. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson } from '../api.js';
import { ago } from '../format.js';
import { badge, datasetName, empty, mayWrite, modelName, progressBar, scrollable } from '../parts.js';

/** @import { Context, Job, JobList, QueueState, View } from '../types.d.ts' */

/** @typedef {{ ready: boolean, checks: Record<string, { ok: boolean, detail: string | null }>, workers: { name: string, startedAt: string, devices: { name: string, backend: string | null, busy: boolean }[] }[], warnings: string[] }} Readiness */

const everyMs = 3000;
const shown = 8;

/** The service answers 503 when it is not ready, with the same body. */
async function readiness() {
  const response = await fetch('/health/ready');
  return /** @type {Promise<Readiness>} */ (response.json());
}

/** @param {QueueState['jobs']} jobs */
function tiles(jobs) {
  const of = (/** @type {keyof QueueState['jobs']} */ status) => jobs[status] ?? 0;
  const list = [
    ['Queued', of('queued'), 'queued', ''],
    ['Running', of('running') + of('cancelling'), 'running,cancelling', ''],
    ['Paused', of('paused') + of('pausing'), 'paused,pausing', ''],
    ['Succeeded', of('succeeded'), 'succeeded', ''],
    ['Failed', of('failed') + of('expired'), 'failed,expired', 'failed'],
    ['Cancelled', of('cancelled'), 'cancelled', ''],
  ];
  const items = list.map(
    ([label, number, statuses, tone]) =>
      html`<li class=${number === 0 ? '' : tone}><a href="#/jobs?status=${statuses}"><strong>${number}</strong> ${label}</a></li>`,
  );
  return html`<ul class="tiles" aria-label="Jobs by status">${items}</ul>`;
}

/** @param {readonly Job[]} jobs */
const inTurn = (jobs) => [...jobs].sort((a, b) => (a.queuePosition ?? Infinity) - (b.queuePosition ?? Infinity));

/** @param {Readiness} state */
function health({ ready, checks, workers, warnings }) {
  const wrong = Object.entries(checks).filter(([, { ok }]) => !ok);
  const devices = workers.flatMap(({ name, startedAt, devices: list }) =>
    list.map((device) => ({ ...device, worker: name, startedAt })),
  );
  const rows = devices.map(
    ({ worker, startedAt, name, backend, busy }) => html`<tr>
      <th scope="row">${worker}</th><td>${backend ?? 'loading TensorFlow'}</td>
      <td>${busy ? badge('running') : html`<span class="badge">idle</span>`}</td>
      <td class="roomy" title="device ${name}">${ago(startedAt)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="workers">
    <h2 id="workers">Workers ${ready ? html`<span class="badge good">ready</span>` : html`<span class="badge bad">not ready</span>`}</h2>
    ${wrong.map(([name, { detail }]) => html`<div class="note bad"><p><strong>${name}</strong> ${detail}</p></div>`)}
    ${warnings.map((text) => html`<div class="note"><p>${text}</p></div>`)}
    ${
      devices.length === 0
        ? empty('No worker is alive: jobs are taken and wait.')
        : scrollable(
            'Workers',
            html`<table><thead><tr><th scope="col">Worker</th><th scope="col">Device</th><th scope="col">State</th><th scope="col" class="roomy">Started</th></tr></thead><tbody>${rows}</tbody></table>`,
          )
    }
  </section>`;
}

/** @param {QueueState} queue */
function tenants({ tenants: list }) {
  const named = list.filter(({ name }) => name !== '');
  if (named.length === 0) return nothing;
  const rows = named.map(
    ({ name, jobs }) => html`<tr><th scope="row">${name}</th>
      <td class="number">${jobs.queued}</td><td class="number">${jobs.running}</td>
      <td class="number">${jobs.succeeded}</td><td class="number">${(jobs.failed ?? 0) + (jobs.expired ?? 0)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="tenants"><h2 id="tenants">Queue by tenant</h2>
    ${scrollable(
      'Queue by tenant',
      html`<table><thead><tr><th scope="col">Key</th><th scope="col" class="number">Queued</th><th scope="col" class="number">Running</th><th scope="col" class="number">Succeeded</th><th scope="col" class="number">Failed</th></tr></thead><tbody>${rows}</tbody></table>`,
    )}
    <p class="soft">Tenants are served in turn, however many jobs one of them has waiting.</p>
  </section>`;
}

/** @param {readonly Job[]} jobs */
function active(jobs) {
  const rows = jobs.map(
    (
      job,
    ) => html`<tr><td><a href="#/jobs/${job.id}">${modelName(job.specification)}, ${job.method}</a><br><span class="soft">${datasetName(job.specification)}</span></td>
      <td>${badge(job.status)}</td><td>${progressBar(job)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="active"><h2 id="active">Running and queued</h2>
    ${
      jobs.length === 0
        ? empty('Nothing is running and nothing is queued.')
        : scrollable(
            'Running and waiting jobs',
            html`<table><thead><tr><th scope="col">Job</th><th scope="col">Status</th><th scope="col">Progress</th></tr></thead><tbody>${rows}</tbody></table>`,
          )
    }</section>`;
}

/** @param {readonly Job[]} jobs */
function failures(jobs) {
  if (jobs.length === 0) return nothing;
  const items = jobs.map(
    ({ id, error, finishedAt, method, specification }) =>
      html`<li><a href="#/jobs/${id}">${modelName(specification)}, ${method}</a> <span class="soft">${ago(finishedAt)}</span><br>
        <strong>${error?.code}</strong> ${error?.message}</li>`,
  );
  return html`<section class="card" aria-labelledby="failures"><h2 id="failures">Latest failures</h2><ul>${items}</ul></section>`;
}

/** @param {boolean} canWrite */
const welcome = (canWrite) => html`<section class="card" aria-labelledby="welcome">
  <h2 id="welcome">What this service does</h2>
  <p>Training of a neural network begins with random weights. Methods such as GradInit choose how large they are, layer by layer, so that the first steps of the training go well.</p>
  <ol>
    <li>Choose a network: one of the <a href="#/catalogue">zoo</a>, or a model of Keras or TensorFlow.js.</li>
    <li>Choose data: a built-in set, or a <a href="#/datasets">file of yours</a>.</li>
    <li>Start a job, follow it, and download the weights as safetensors, npz or a TensorFlow.js model.</li>
  </ol>
  ${canWrite ? html`<p><a class="button first" href="#/jobs/new">Start a first job</a></p>` : nothing}
</section>`;

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function overviewView({ session, signal, redraw, repeat }) {
  let queue = /** @type {QueueState} */ ({ jobs: /** @type {unknown} */ ({}), tenants: [] });
  /** @type {Readiness} */
  let state = { ready: false, checks: {}, workers: [], warnings: [] };
  /** @type {Job[]} */
  let open = [];
  /** @type {readonly Job[]} */
  let broken = [];
  await repeat(everyMs, async () => {
    /** @type {[QueueState, Readiness, JobList, JobList, JobList]} */
    const [counts, ready, running, waiting, failed] = await Promise.all([
      getJson('/v1/queue', signal),
      readiness(),
      getJson(`/v1/jobs?status=running,cancelling&limit=${shown}`, signal),
      getJson(`/v1/jobs?status=queued&limit=${shown}`, signal),
      getJson('/v1/jobs?status=failed,expired&limit=5', signal),
    ]);
    [queue, state, open, broken] = [
      counts,
      ready,
      [...running.jobs, ...inTurn(waiting.jobs)].slice(0, shown),
      failed.jobs,
    ];
    redraw();
  });
  const canWrite = mayWrite(session.scopes);
  const isNew = () => Object.values(queue.jobs).every((number) => number === 0);
  return {
    title: 'Overview',
    template: () => html`<div class="title"><h1>Overview</h1>
        <div class="actions">${canWrite ? html`<a class="button first" href="#/jobs/new">New job</a>` : nothing}</div></div>
      ${isNew() ? welcome(canWrite) : tiles(queue.jobs)}
      ${
        isNew()
          ? html`${health(state)}${tenants(queue)}`
          : html`<div class="columns"><div>${active(open)}${failures(broken)}</div><div>${health(state)}${tenants(queue)}</div></div>`
      }`,
  };
}
