/** One upload, or a built-in set: what it was read as, its classes, its first samples. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, post } from '../api.js';
import { bytes, clock, count, number } from '../format.js';
import { mayWrite, scrollable } from '../parts.js';

/** @import { Context, Dataset, DatasetDescription, DatasetSamples, View } from '../types.d.ts' */

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

/** @param {string | readonly number[]} target */
const labelOf = (target) => (typeof target === 'string' ? target : target.map(number).join(', '));

/** @param {DatasetDescription} description */
function samples({ first, inputs, targets }) {
  const head = inputs.map(({ name }) => html`<th scope="col">${name}, first numbers</th>`);
  const rows = first.map(
    ({ inputs: values, target }, index) => html`<tr><th scope="row">${index + 1}</th>
      ${values.map((numbers) => html`<td class="id">${numbers.map(number).join('  ')}</td>`)}
      <td>${labelOf(target)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="samples"><h2 id="samples">First samples</h2>${scrollable(
    'First samples',
    html`<table><thead><tr><th scope="col">Sample</th>${head}<th scope="col">${targets.name || 'target'}</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</section>`;
}

/**
 * Pictures and masks with their labels; nothing where the data holds none.
 *
 * @param {DatasetSamples['samples']} shown
 */
function pictures(shown) {
  const figures = shown.flatMap(({ inputs, target, mask }, index) => {
    const label = mask === null ? labelOf(target) : 'mask';
    const images = inputs.flatMap(({ name, picture }) =>
      picture === null
        ? []
        : html`<img src=${picture} width="72" height="72" alt=${`Sample ${index + 1}, ${name}, label ${label}`}>`,
    );
    if (images.length === 0) return [];
    const masked =
      mask === null ? nothing : html`<img src=${mask} width="72" height="72" alt=${`Mask of sample ${index + 1}`}>`;
    return [html`<figure class="sample">${images}${masked}<figcaption>${label}</figcaption></figure>`];
  });
  if (figures.length === 0) return nothing;
  return html`<section class="card" aria-labelledby="pictures"><h2 id="pictures">Pictures with their labels</h2><div class="samples">${figures}</div></section>`;
}

/**
 * @param {DatasetDescription} description
 * @param {DatasetSamples['samples']} shown
 */
function described(description, shown) {
  const { format, reason, parts, part, notes } = description;
  return html`<section class="card" aria-labelledby="reading"><h2 id="reading">How it is read</h2>
    <dl class="facts"><dt>Format</dt><dd>${format}, ${reason}</dd>
    <dt>Parts</dt><dd>${parts.map(({ name, samples: size }) => `${name}: ${count(size)}`).join(', ')}</dd>
    <dt>Shown here</dt><dd>${part}, ${count(description.samples)} samples</dd></dl>
    ${notes.length > 0 ? html`<h3>Notes</h3><ul>${notes.map((text) => html`<li>${text}</li>`)}</ul>` : nothing}</section>
    <div class="columns">${inputTable(description.inputs)}${classes(description.targets)}</div>${pictures(shown)}${samples(description)}`;
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

/** The data is read again for its pictures: not where it holds none.
 *
 * @param {DatasetDescription} description
 */
const hasPictures = ({ inputs }) => inputs.some(({ shape }) => shape.length === 3);

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
  /** @type {DatasetSamples['samples']} */
  const shown =
    description.kind === 'dataset' && hasPictures(description)
      ? (await getJson(`/v1/datasets/${encodeURIComponent(id)}/samples`, signal)).samples
      : [];
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
      ${description.kind === 'dataset' ? described(description, shown) : html`<section class="card"><h2>What it is</h2><pre tabindex="0" aria-label="Description as JSON">${JSON.stringify(description, null, 2)}</pre></section>`}`,
  };
}
