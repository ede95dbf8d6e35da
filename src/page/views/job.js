/** One job while it runs and when it is over: progress, plots, log, specification, files. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, Problem, post, remove } from '../api.js';
import { bytes, clock, duration, json, number } from '../format.js';
import { followJob } from '../job-run.js';
import {
  attempt,
  badge,
  datasetName,
  isOver,
  mayWrite,
  modelName,
  problemNote,
  progressBar,
  scrollable,
} from '../parts.js';
import { runPlots } from './job-plots.js';

/** @import { Artifact, Context, Job, View } from '../types.d.ts' */
/** @import { Iteration } from '../job-run.js' */

/** @typedef {{ assessment?: { samples: number, before: { loss: number, gradientNorm: number }, after: { loss: number, gradientNorm: number } } | null, history?: Iteration[] }} Report */

/** @param {Job} job */
function facts(job) {
  const { specification, comparison } = job;
  const ran =
    job.startedAt === null
      ? null
      : ((job.finishedAt === null ? Date.now() : Date.parse(job.finishedAt)) - Date.parse(job.startedAt)) / 1000;
  /** @type {readonly (readonly [string, unknown])[]} */
  const entries = [
    ['Network', modelName(specification)],
    ['Data', datasetName(specification)],
    ['Method', job.method],
    ['Seed', specification.seed],
    ['Priority', specification.priority],
    ['Device', job.device ?? 'none yet'],
    ['Attempt', job.failures > 0 ? `${job.attempt}, ${job.failures} failed or lost` : job.attempt],
    ['Created', clock(job.createdAt)],
    ['Started', clock(job.startedAt)],
    ['Finished', clock(job.finishedAt)],
    ['Time', duration(ran)],
    ['Per iteration', duration(job.metrics?.secondsPerIteration)],
    ...(job.owner === '' ? [] : [/** @type {const} */ (['Owner', job.owner])]),
    ...(comparison === null
      ? []
      : [/** @type {const} */ (['Comparison', html`<a href="#/comparisons/${comparison}">${comparison}</a>`])]),
    ...Object.entries(job.metadata),
  ];
  return html`<section class="card" aria-labelledby="facts"><h2 id="facts">About this job</h2>
    <dl class="facts">${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}

/** @param {Report | null} report */
function effect(report) {
  const found = report?.assessment;
  if (!found) return nothing;
  const { before, after, samples } = found;
  const row = (/** @type {string} */ name, /** @type {'loss' | 'gradientNorm'} */ key) =>
    html`<tr><th scope="row">${name}</th><td class="number">${number(before[key])}</td><td class="number">${number(after[key])}</td></tr>`;
  return html`<section class="card" aria-labelledby="effect"><h2 id="effect">What it changed</h2>
    <table><caption>On the same ${samples} samples, before any training</caption>
    <thead><tr><th scope="col"></th><th scope="col" class="number">Before</th><th scope="col" class="number">After</th></tr></thead>
    <tbody>${row('Loss', 'loss')}${row('Gradient norm', 'gradientNorm')}</tbody></table></section>`;
}

/** @param {readonly Artifact[]} artifacts */
function files(artifacts) {
  if (artifacts.length === 0) return nothing;
  const rows = artifacts.map(({ name, format, bytes: size, sha256, url }) => {
    const path = new URL(url).pathname;
    return html`<tr><th scope="row"><a href=${path} download=${name.split('/').at(-1) ?? name}>${name}</a></th>
      <td class="roomy">${format}</td><td class="number">${bytes(size)}</td><td class="roomy id" title=${sha256}>${sha256.slice(0, 12)}…</td></tr>`;
  });
  return html`<section class="card" aria-labelledby="files"><h2 id="files">Files</h2>${scrollable(
    'Files of the job',
    html`<table><thead><tr><th scope="col">File</th><th scope="col" class="roomy">Format</th><th scope="col" class="number">Size</th><th scope="col" class="roomy">SHA-256</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</section>`;
}

/** @param {readonly { at: string, text: string }[]} lines */
const log = (lines) => html`<section class="card" aria-labelledby="log"><h2 id="log">Log</h2>
  <ol class="log" tabindex="0" aria-label="Log of the job">${lines.map(({ at, text }) => html`<li><time datetime=${at}>${new Date(at).toLocaleTimeString('en-GB')}</time>${text}</li>`)}</ol></section>`;

/** @param {Job} job */
const specification = ({ specification: spec, metadata }) => html`<section class="card" aria-labelledby="specification">
  <h2 id="specification">Specification</h2>
  <details><summary>What was asked for, with defaults filled in (JSON)</summary><pre tabindex="0" aria-label="Specification as JSON">${json({ ...spec, ...(Object.keys(metadata).length > 0 ? { metadata } : {}) })}</pre></details></section>`;

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function jobView({ parts, session, signal, redraw }) {
  const address = `/v1/jobs/${encodeURIComponent(parts[0] ?? '')}`;
  /** @type {Job} */
  let job = await getJson(address, signal);
  /** @type {Artifact[]} */
  let artifacts = [];
  /** @type {Report | null} */
  let report = null;
  /** @type {Problem | null} */
  let problem = null;

  const refresh = async () => {
    job = await getJson(address, signal);
    if (job.status === 'succeeded') {
      ({ artifacts } = await /** @type {Promise<{ artifacts: Artifact[] }>} */ (
        getJson(`${address}/artifacts`, signal)
      ));
      report = await getJson(`${address}/artifacts/report.json`, signal).catch(() => null);
      run.complete(report?.history ?? []);
    }
    redraw();
  };
  const run = followJob(address, signal, { onChange: redraw, onStatus: () => void refresh().catch(() => {}) });
  await refresh();

  const act = (/** @type {string} */ name) => async () => {
    problem = await attempt(() => post(`${address}/${name}`));
    await attempt(refresh);
    if (problem === null) run.follow();
  };
  const erase = async () => {
    if (!confirm('Delete this job and its files?')) return;
    problem = await attempt(() => remove(address));
    if (problem === null) location.hash = '/jobs';
    else redraw();
  };
  const actions = () => {
    const { status } = job;
    return html`<div class="actions">
      ${status === 'succeeded' ? html`<a class="button first" href="${address}/weights" download>Download weights</a>` : nothing}
      ${mayWrite(session.scopes) && (status === 'queued' || status === 'running') ? html`<button @click=${act('pause')}>Pause</button>` : nothing}
      ${mayWrite(session.scopes) && status === 'paused' ? html`<button class="first" @click=${act('resume')}>Resume</button>` : nothing}
      ${mayWrite(session.scopes) && !isOver(status) ? html`<button @click=${act('cancel')}>Cancel</button>` : nothing}
      ${mayWrite(session.scopes) && isOver(status) && status !== 'succeeded' ? html`<button class="first" @click=${act('retry')}>Retry</button>` : nothing}
      ${mayWrite(session.scopes) && isOver(status) ? html`<button @click=${erase}>Delete</button>` : nothing}</div>`;
  };
  /** A running job shows the numbers of the newest event, which come before its record is asked for again. */
  const shown = () => (run.progress === null || job.status !== 'running' ? job : { ...job, progress: run.progress });

  return {
    title: `${modelName(job.specification)}, ${job.method}`,
    template: () => html`
      <div class="title"><h1>${modelName(job.specification)}, ${job.method}</h1>${badge(job.status)}${actions()}</div>
      <p class="id soft">${job.id}</p>
      ${problem === null ? nothing : problemNote(problem)}
      ${run.problem === null ? nothing : problemNote(run.problem)}
      ${job.error === null ? nothing : html`<div class="note bad"><p><strong>${job.error.code}</strong> ${job.error.message}</p></div>`}
      ${isOver(job.status) ? nothing : html`<div class="card">${progressBar(shown())}</div>`}
      ${runPlots(run)}
      <div class="columns"><div>${facts(job)}${specification(job)}</div><div>${effect(report)}${files(artifacts)}${log(run.lines)}</div></div>`,
  };
}
