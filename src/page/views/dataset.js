/** One upload, or a built-in set: what it was read as, its classes, its first samples. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, post } from '../api.js';
import { bytes, clock, count, number } from '../format.js';
import { mayWrite, scrollable } from '../parts.js';

/** @import { Context, Dataset, DatasetDescription, View } from '../types.d.ts' */

/** Classes that are drawn; data may have thousands. */
const shownClasses = 30;
const barWidth = 220;

/** @param {DatasetDescription['targets']} targets */
function classes(targets) {
  if (targets.kind !== 'classes') return nothing;
  const most = targets.counts.reduce((a, b) => Math.max(a, b), 1);
  const rows = targets.counts.slice(0, shownClasses).map((size, id) => {
    const name = targets.names[id] ?? String(id);
    return html`<tr><th scope="row">${name}</th><td class="number">${count(size)}</td>
      <td class="roomy"><svg width=${barWidth} height="12" aria-hidden="true"><rect class="class-bar" width=${(barWidth * size) / most} height="12"></rect></svg></td></tr>`;
  });
  const left = targets.counts.length - rows.length;
  return html`<section class="card" aria-labelledby="classes"><h2 id="classes">${count(targets.classes)} classes in ${targets.name}</h2>
    ${scrollable('Classes', html`<table><thead><tr><th scope="col">Class</th><th scope="col" class="number">Samples</th><th scope="col" class="roomy"><span class="unseen">Share</span></th></tr></thead><tbody>${rows}</tbody></table>`)}
    ${left > 0 ? html`<p class="soft">and ${count(left)} more</p>` : nothing}</section>`;
}

/** @param {DatasetDescription['inputs']} inputs */
function inputTable(inputs) {
  const rows = inputs.map(
    ({
      name,
      shape,
      stored,
      min,
      max,
      normalization,
    }) => html`<tr><th scope="row">${name}</th><td>${shape.join(' × ') || 'a number'}</td>
      <td>${stored}</td><td>${number(min)} to ${number(max)}</td><td>${normalization === null ? 'as it is' : html`${normalization.mode}<br><code>${normalization.keras}</code>`}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="inputs"><h2 id="inputs">Inputs</h2>${scrollable(
    'Inputs',
    html`<table><thead><tr><th scope="col">Name</th><th scope="col">Shape of a sample</th><th scope="col">Stored as</th><th scope="col">Range</th><th scope="col">What a job does to it</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</section>`;
}

/** @param {DatasetDescription} description */
function samples({ first, inputs, targets }) {
  const head = inputs.map(({ name }) => html`<th scope="col">${name}, first numbers</th>`);
  const rows = first.map(
    ({ inputs: values, target }, index) => html`<tr><th scope="row">${index + 1}</th>
      ${values.map((numbers) => html`<td class="id">${numbers.map(number).join('  ')}</td>`)}
      <td>${typeof target === 'string' ? target : target.map(number).join(', ')}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="samples"><h2 id="samples">First samples</h2>${scrollable(
    'First samples',
    html`<table><thead><tr><th scope="col">Sample</th>${head}<th scope="col">${targets.name || 'target'}</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</section>`;
}

/** @param {DatasetDescription} description */
function described(description) {
  const { format, reason, parts, part, notes } = description;
  return html`<section class="card" aria-labelledby="reading"><h2 id="reading">How it is read</h2>
    <dl class="facts"><dt>Format</dt><dd>${format}, ${reason}</dd>
    <dt>Parts</dt><dd>${parts.map(({ name, samples: size }) => `${name}: ${count(size)}`).join(', ')}</dd>
    <dt>Shown here</dt><dd>${part}, ${count(description.samples)} samples</dd></dl>
    ${notes.length > 0 ? html`<h3>Notes</h3><ul>${notes.map((text) => html`<li>${text}</li>`)}</ul>` : nothing}</section>
    <div class="columns">${inputTable(description.inputs)}${classes(description.targets)}</div>${samples(description)}`;
}

/** @param {Dataset} upload */
const facts = ({
  ref,
  bytes: size,
  createdAt,
  sha256,
  files,
}) => html`<section class="card" aria-labelledby="file"><h2 id="file">The upload</h2>
  <dl class="facts"><dt>Reference</dt><dd class="id">${ref}</dd><dt>Size</dt><dd>${bytes(size)}</dd><dt>Uploaded</dt><dd>${clock(createdAt)}</dd>
  <dt>SHA-256</dt><dd><code>${sha256}</code></dd>${files.length > 1 ? html`<dt>Files</dt><dd>${files.map(({ name }) => name).join(', ')}</dd>` : nothing}</dl></section>`;

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function datasetView({ parts, session, signal }) {
  const [id = ''] = parts;
  /** @type {Dataset | null} */
  const upload = id.startsWith('builtin:') ? null : await getJson(`/v1/datasets/${encodeURIComponent(id)}`, signal);
  /** @type {Dataset['description']} */
  const description = upload === null ? await post('/v1/datasets/inspect', { ref: id }) : upload.description;
  const title = upload?.name ?? id;
  const ref = upload?.ref ?? id;
  const start =
    description.kind === 'dataset'
      ? `#/jobs/new?dataset=${ref}`
      : description.kind === 'model'
        ? `#/jobs/new?model=${ref}`
        : null;
  return {
    title,
    template: () => html`<div class="title"><h1>${title}</h1>
        ${start !== null && mayWrite(session.scopes) ? html`<div class="actions"><a class="button first" href=${start}>New job with it</a></div>` : nothing}</div>
      ${upload === null ? nothing : facts(upload)}
      ${description.kind === 'dataset' ? described(description) : html`<section class="card"><h2>What it is</h2><pre tabindex="0" aria-label="Description as JSON">${JSON.stringify(description, null, 2)}</pre></section>`}`,
  };
}
