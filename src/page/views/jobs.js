/** All jobs: filter, search, cancel, run again, delete. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, post, queryOf, remove } from '../api.js';
import { ago, clock } from '../format.js';
import {
  attempt,
  badge,
  datasetName,
  empty,
  isOver,
  mayWrite,
  modelName,
  problemNote,
  progressBar,
  scrollable,
} from '../parts.js';

/** @import { Context, Job, JobList, Method, View } from '../types.d.ts' */
/** @import { Problem } from '../api.js' */

const everyMs = 3000;
const pageSize = 50;
const choices = [
  ['', 'all'],
  ['queued', 'queued'],
  ['paused,pausing', 'paused'],
  ['running,cancelling', 'running'],
  ['succeeded', 'succeeded'],
  ['failed,expired', 'failed'],
  ['cancelled', 'cancelled'],
];

/**
 * What the search field means to the API: KEY=VALUE is metadata, the id of a comparison its cells; other words are looked for in what is listed.
 *
 * @param {string} text
 */
function filterOf(text) {
  if (/^[^=\s]+=/.test(text)) return { metadata: text };
  return /^cmp_\w{10,}$/.test(text) ? { comparison: text } : {};
}

/** @param {Job} job */
const words = ({ id, owner, method, error, specification, metadata, device }) =>
  [
    id,
    owner,
    method,
    error?.code,
    error?.message,
    modelName(specification),
    datasetName(specification),
    device,
    ...Object.values(metadata),
  ]
    .join(' ')
    .toLowerCase();

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function jobsView({ query, session, signal, redraw, repeat }) {
  const status = query.get('status') ?? '';
  const method = query.get('method') ?? '';
  const search = query.get('search') ?? '';
  const isPlainSearch = Object.keys(filterOf(search)).length === 0;
  const canWrite = mayWrite(session.scopes);
  /** @type {{ methods: Method[] }} */
  const { methods } = await getJson('/v1/methods', signal);
  /** @type {Job[]} */
  let jobs = [];
  /** @type {string | null} */
  let next = null;
  /** @type {Problem | null} */
  let problem = null;
  let pages = 1;

  const load = async () => {
    /** @type {Job[]} */
    const found = [];
    /** @type {string | null} */
    let after = null;
    for (let page = 0; page < pages; page += 1) {
      /** @type {JobList} */
      const list = await getJson(
        `/v1/jobs${queryOf({ limit: pageSize, status, method, after, ...filterOf(search) })}`,
        signal,
      );
      found.push(...list.jobs);
      after = list.next;
      if (after === null) break;
    }
    [jobs, next] = [found, after];
    redraw();
  };
  await repeat(everyMs, load);

  const act = async (/** @type {() => Promise<unknown>} */ work) => {
    problem = await attempt(work);
    await attempt(load);
    redraw();
  };
  const more = () => {
    pages += 1;
    return act(load);
  };
  const change = (/** @type {Event} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLElement} */ (event.currentTarget).closest('form');
    const fields = [...new FormData(form ?? undefined)].map(([name, value]) => [name, String(value).trim()]);
    location.hash = `/jobs${queryOf(Object.fromEntries(fields))}`;
  };

  const filter = () => html`<form class="filter" role="search" @submit=${change}>
    <div><label for="status">Status</label><select id="status" name="status" @change=${change}>
      ${choices.map(([value, label]) => html`<option value=${value} ?selected=${value === status}>${label}</option>`)}</select></div>
    <div><label for="method">Method</label><select id="method" name="method" @change=${change}>
      <option value="">all</option>${methods.map(({ name }) => html`<option ?selected=${name === method}>${name}</option>`)}</select></div>
    <div><label for="search">Search</label><input id="search" name="search" type="search" .value=${search} aria-describedby="search-help"></div>
    <button>Search</button>
    <span id="search-help" class="soft">Words, an id, or KEY=VALUE for metadata</span>
  </form>`;

  const name = (/** @type {Job} */ { specification, method: by, id }) => `${modelName(specification)}, ${by}, ${id}`;
  const actions = (/** @type {Job} */ job) => {
    const address = `/v1/jobs/${job.id}`;
    const button = (/** @type {string} */ label, /** @type {() => Promise<unknown>} */ work) =>
      html`<button class="small" aria-label="${label} ${name(job)}" @click=${() => act(work)}>${label}</button> `;
    if (!isOver(job.status)) return button('Cancel', () => post(`${address}/cancel`));
    const erase = button('Delete', async () => {
      if (confirm(`Delete the job ${job.id} and its files?`)) await remove(address);
    });
    return job.status === 'succeeded' ? erase : html`${button('Retry', () => post(`${address}/retry`))}${erase}`;
  };
  const row = (/** @type {Job} */ job) => html`<tr>
    <td class="free"><a href="#/jobs/${job.id}">${modelName(job.specification)}</a><br class="roomy"><span class="id soft roomy">${job.id}</span></td>
    <td>${job.method}</td><td class="roomy free">${datasetName(job.specification)}</td>
    ${session.keysRequired ? html`<td class="roomy">${job.owner}</td>` : nothing}
    <td>${badge(job.status)}</td><td>${job.error ? html`<span title=${job.error.message}>${job.error.code}</span>` : progressBar(job)}</td>
    <td class="roomy" title=${clock(job.createdAt)}>${ago(job.createdAt)}</td>
    ${canWrite ? html`<td>${actions(job)}</td>` : nothing}</tr>`;

  const list = () => {
    const listed = isPlainSearch ? jobs.filter((job) => words(job).includes(search.toLowerCase())) : jobs;
    if (listed.length === 0)
      return empty(
        jobs.length === 0
          ? 'There is no such job.'
          : `None of the ${jobs.length} jobs that were looked at has these words.`,
      );
    return scrollable(
      'Jobs',
      html`<table><thead><tr><th scope="col">Network</th><th scope="col">Method</th><th scope="col" class="roomy">Data</th>
        ${session.keysRequired ? html`<th scope="col" class="roomy">Owner</th>` : nothing}
        <th scope="col">Status</th><th scope="col">Progress</th><th scope="col" class="roomy">Created</th>
        ${canWrite ? html`<th scope="col">Actions</th>` : nothing}</tr></thead><tbody>${listed.map(row)}</tbody></table>`,
    );
  };

  return {
    title: 'Jobs',
    template: () => html`<div class="title"><h1>Jobs</h1>
        <div class="actions">${canWrite ? html`<a class="button first" href="#/jobs/new">New job</a>` : nothing}</div></div>
      <div class="card">${filter()}${problem === null ? nothing : problemNote(problem)}${list()}
        ${next === null ? nothing : html`<p><button @click=${more}>Show older jobs</button></p>`}</div>`,
  };
}
