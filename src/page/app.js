/** The page: who is signed in, where one is, and the view that belongs there. Views lie under #/..., so that every address is `/` to the server. */
import { html, nothing, render } from '/page/vendor/lit-html.js';
import { getJson, onSignedOut, Problem, remove } from './api.js';
import { problemNote } from './parts.js';
import { catalogueView } from './views/catalogue.js';
import { comparisonView } from './views/comparison.js';
import { comparisonsView } from './views/comparisons.js';
import { datasetView } from './views/dataset.js';
import { datasetsView } from './views/datasets.js';
import { jobView } from './views/job.js';
import { jobsView } from './views/jobs.js';
import { newJobView } from './views/new-job.js';
import { overviewView } from './views/overview.js';
import { signInView } from './views/sign-in.js';

/** @import { Context, OpenView, Session, View } from './types.d.ts' */

/** @type {readonly (readonly [RegExp, OpenView])[]} */
const routes = [
  [/^\/$/, overviewView],
  [/^\/jobs$/, jobsView],
  [/^\/jobs\/new$/, newJobView],
  [/^\/jobs\/([^/]+)$/, jobView],
  [/^\/comparisons$/, comparisonsView],
  [/^\/comparisons\/([^/]+)$/, comparisonView],
  [/^\/datasets$/, datasetsView],
  [/^\/datasets\/([^/]+)$/, datasetView],
  [/^\/catalogue$/, catalogueView],
];

const places = [
  ['/', 'Overview'],
  ['/jobs', 'Jobs'],
  ['/comparisons', 'Comparisons'],
  ['/datasets', 'Datasets'],
  ['/catalogue', 'Methods and networks'],
];

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const head = /** @type {HTMLElement} */ (document.getElementById('head'));
const announcer = /** @type {HTMLElement} */ (document.getElementById('announcer'));

/** @type {Session | null} */
let session = null;
let leaving = new AbortController();

const address = () => {
  const [path = '/', query = ''] = location.hash.replace(/^#/, '').split('?');
  return { path: path || '/', query: new URLSearchParams(query) };
};

async function signOut() {
  await remove('/v1/session');
  session = null;
  await show();
}

function drawHead() {
  const { path } = address();
  const isAt = (/** @type {string} */ place) => (place === '/' ? path === '/' : path.startsWith(place));
  const who =
    session === null || !session.keysRequired
      ? nothing
      : html`<span>Signed in as <strong>${session.name}</strong></span><button class="small" @click=${signOut}>Sign out</button>`;
  const links = places.map(
    ([to = '', label]) => html`<li><a href="#${to}" aria-current=${isAt(to) ? 'page' : nothing}>${label}</a></li>`,
  );
  render(
    html`<div class="bar">
      <a class="brand" href="#/"><img src="/page/icon.svg" width="24" height="24" alt="">gradinit-service</a>
      ${session === null ? nothing : html`<nav aria-label="Main"><ul>${links}</ul></nav>`}
      <div class="who">${who}<a href="/docs">API</a></div>
    </div>`,
    head,
  );
}

/** @param {View} view */
function draw(view) {
  render(view.template(), main);
}

/**
 * @param {AbortSignal} signal
 * @returns {Context['repeat']}
 */
const repeatUntil = (signal) => async (everyMs, work) => {
  await work();
  const next = () => {
    if (signal.aborted) return;
    // A page that nobody looks at asks nothing.
    const turn = document.hidden ? Promise.resolve() : work().catch(() => {});
    turn.finally(() => setTimeout(next, everyMs));
  };
  setTimeout(next, everyMs);
};

/** The view of the address. Until it has its data the one before stays. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { path, query } = address();
  if (session === null) session = await getJson('/v1/session').catch(() => null);
  if (signal.aborted) return;
  drawHead();
  main.setAttribute('aria-busy', 'true');
  const view = await open(path, query, signal);
  if (signal.aborted) return;
  main.removeAttribute('aria-busy');
  document.title = `${view.title} – gradinit-service`;
  announcer.textContent = view.title;
  draw(view);
  scrollTo(0, 0);
}

/**
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {AbortSignal} signal
 * @returns {Promise<View>}
 */
async function open(path, query, signal) {
  if (session === null) return signInView(signedIn);
  const [pattern, openView] = routes.find(([candidate]) => candidate.test(path)) ?? [];
  if (pattern === undefined || openView === undefined)
    return failed(new Problem(404, 'NOT_FOUND', 'there is no such page here'));
  const parts = [...(pattern.exec(path) ?? [])].slice(1).map(decodeURIComponent);
  /** @type {View | null} */
  let view = null;
  const redraw = () => {
    if (view !== null && !signal.aborted) draw(view);
  };
  try {
    view = await openView({ parts, query, session, signal, redraw, repeat: repeatUntil(signal) });
    return view;
  } catch (error) {
    if (error instanceof Problem) return failed(error);
    throw error;
  }
}

/**
 * @param {Problem} problem
 * @returns {View}
 */
const failed = (problem) => ({
  title: 'This cannot be shown',
  template: () => html`<h1>This cannot be shown</h1>${problemNote(problem)}<p><a href="#/">To the overview</a></p>`,
});

/** What asked for the sign-in is shown after it: a view, or a page of the API such as a report. */
function signedIn() {
  const next = new URLSearchParams(location.search).get('next') ?? '';
  if (/^\/v1\/[\w/.?=&%-]+$/.test(next)) location.replace(next);
  else void show();
}

onSignedOut(() => {
  session = null;
  void show();
});

addEventListener('hashchange', () => {
  const { path } = address();
  if (!path.startsWith('/')) return;
  void show().then(() => main.focus({ preventScroll: true }));
});
await show();
if (session !== null && location.search.includes('next=')) signedIn();
