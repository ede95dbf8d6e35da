/** Uploads: what is there, and a form for more. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, postForm, queryOf, remove } from '../api.js';
import { ago, bytes, clock, count } from '../format.js';
import { attempt, empty, mayWrite, problemNote, scrollable } from '../parts.js';

/** @import { Context, Dataset, View } from '../types.d.ts' */
/** @import { Problem } from '../api.js' */

/** @param {Dataset['description']} description */
function contentsOf(description) {
  if (description.kind !== 'dataset') return description.kind;
  const { samples, inputs, targets, format } = description;
  const shapes = inputs.map(({ shape }) => (shape.length === 0 ? 'a number' : shape.join(' × '))).join(', ');
  const wanted = targets.kind === 'classes' ? `${targets.classes} classes` : 'values';
  return `${format}: ${count(samples)} samples of ${shapes}, ${wanted}`;
}

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function datasetsView({ session, signal, redraw }) {
  /** @type {Dataset[]} */
  let datasets = [];
  let hasMore = false;
  let isSending = false;
  /** @type {Problem | null} */
  let problem = null;
  /** @type {{ builtinDatasets: string[] }} */
  const { builtinDatasets } = await getJson('/v1/formats', signal);
  const canWrite = mayWrite(session.scopes);

  /** @param {string} [after] */
  const load = async (after) => {
    /** @type {{ datasets: Dataset[], has_more: boolean }} */
    const page = await getJson(`/v1/datasets${queryOf({ limit: 50, after })}`, signal);
    datasets = after === undefined ? page.datasets : [...datasets, ...page.datasets];
    hasMore = page.has_more;
    redraw();
  };
  await load();

  const upload = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    isSending = true;
    redraw();
    problem = await attempt(async () => {
      /** @type {Dataset} */
      const { id } = await postForm('/v1/datasets', new FormData(form));
      location.hash = `/datasets/${id}`;
    });
    isSending = false;
    redraw();
  };
  const erase =
    (/** @type {Dataset} */ { id, name }) =>
    async () => {
      if (!confirm(`Delete ${name}?`)) return;
      problem = await attempt(async () => {
        await remove(`/v1/datasets/${id}`);
        await load();
      });
      redraw();
    };
  const row = (/** @type {Dataset} */ dataset) => html`<tr>
    <th scope="row"><a href="#/datasets/${dataset.id}">${dataset.name}</a></th><td>${dataset.kind}</td>
    <td class="free">${contentsOf(dataset.description)}</td><td class="number roomy">${bytes(dataset.bytes)}</td>
    <td class="roomy" title=${clock(dataset.createdAt)}>${ago(dataset.createdAt)}</td>
    ${canWrite ? html`<td><button class="small" aria-label="Delete ${dataset.name}" @click=${erase(dataset)}>Delete</button></td>` : nothing}</tr>`;

  return {
    title: 'Datasets',
    template: () => html`<h1>Datasets</h1>
      ${problem === null ? nothing : problemNote(problem)}
      ${
        canWrite
          ? html`<section class="card" aria-labelledby="upload"><h2 id="upload">Upload</h2>
        <form @submit=${upload}><div class="field"><label for="file">Data (CSV, NPZ, Parquet, pictures in a ZIP, MNIST's files, ...), a topology (model.json), or weights (safetensors, npz)</label>
        <input id="file" name="file" type="file" multiple required></div>
        <button class="first" ?disabled=${isSending}>${isSending ? 'Uploading and reading …' : 'Upload'}</button></form></section>`
          : nothing
      }
      <section class="card" aria-labelledby="uploads"><h2 id="uploads">Uploads</h2>
        ${
          datasets.length === 0
            ? empty('Nothing has been uploaded yet.')
            : scrollable(
                'Uploads',
                html`<table><thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Contents</th><th scope="col" class="number roomy">Size</th><th scope="col" class="roomy">Uploaded</th>${canWrite ? html`<th scope="col">Actions</th>` : nothing}</tr></thead><tbody>${datasets.map(row)}</tbody></table>`,
              )
        }
        ${hasMore ? html`<p><button @click=${() => load(datasets.at(-1)?.id)}>Show older uploads</button></p>` : nothing}</section>
      <section class="card" aria-labelledby="builtin"><h2 id="builtin">Always there</h2>
        <ul>${builtinDatasets.map((ref) => html`<li><a href="#/datasets/${ref}">${ref}</a></li>`)}</ul></section>`,
  };
}
