/** What can be asked for: methods and networks, with their options as their JSON Schemas describe them. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson } from '../api.js';
import { mayWrite, scrollable } from '../parts.js';

/** @import { Context, Method, View, ZooModel } from '../types.d.ts' */

/** @typedef {{ description?: string, type?: string, default?: unknown, enum?: unknown[], const?: unknown, anyOf?: Schema[], minimum?: number, maximum?: number, properties?: Record<string, Schema>, items?: Schema }} Schema */

/** @param {Schema} schema
 * @returns {string}
 */
function kindOf({ type, enum: values, const: only, anyOf, minimum, maximum, items }) {
  if (values !== undefined) return values.join(', ');
  if (only !== undefined) return String(only);
  if (anyOf !== undefined) return anyOf.map(kindOf).join(' or ');
  if (type === 'array') return items === undefined ? 'list' : `list of ${kindOf(items)}`;
  const bounds = [minimum === undefined ? '' : `from ${minimum}`, maximum === undefined ? '' : `to ${maximum}`].filter(
    (text) => text !== '',
  );
  return [type ?? 'any', ...bounds].join(' ');
}

/** @param {string} owner
 * @param {Schema} schema
 */
function optionTable(owner, { properties = {} }) {
  const names = Object.keys(properties);
  if (names.length === 0) return html`<p class="soft">It has no options.</p>`;
  const rows = Object.entries(properties).map(
    ([name, option]) => html`<tr><th scope="row"><code>${name}</code></th><td>${kindOf(option)}</td>
      <td>${option.default === undefined ? '' : JSON.stringify(option.default)}</td><td class="free">${option.description ?? ''}</td></tr>`,
  );
  return html`<details><summary>${names.length} options</summary>${scrollable(
    `Options of ${owner}`,
    html`<table><thead><tr><th scope="col">Option</th><th scope="col">Values</th><th scope="col">Default</th><th scope="col">Meaning</th></tr></thead><tbody>${rows}</tbody></table>`,
  )}</details>`;
}

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function catalogueView({ session, signal }) {
  /** @type {[{ methods: Method[] }, { models: ZooModel[] }]} */
  const [{ methods }, { models }] = await Promise.all([getJson('/v1/methods', signal), getJson('/v1/zoo', signal)]);
  const start = (/** @type {string} */ field, /** @type {string} */ name) =>
    mayWrite(session.scopes)
      ? html`<a href="#/jobs/new?${field}=${name}" aria-label="New job with ${name}">New job</a>`
      : nothing;
  const method = (
    /** @type {Method} */ { name, summary, reference, needsDataset, iterative, secondOrder, options },
  ) => html`<section class="card">
    <h3>${name}</h3><p>${summary}</p>
    <p>${needsDataset ? html`<span class="badge busy">needs data</span> ` : nothing}${iterative ? html`<span class="badge">iterative</span> ` : nothing}${secondOrder ? html`<span class="badge">second order</span>` : nothing}</p>
    <p class="soft">${reference}</p>${optionTable(name, /** @type {Schema} */ (options))}${start('method', name)}</section>`;
  const model = (/** @type {ZooModel} */ { name, summary, reference, options }) => html`<section class="card">
    <h3>${name}</h3><p>${summary}</p><p class="soft">${reference}</p>${optionTable(name, /** @type {Schema} */ (options))}${start('model', name)}</section>`;
  return {
    title: 'Methods and networks',
    template: () => html`<h1>Methods and networks</h1>
      <h2>Methods</h2><div class="columns">${methods.map(method)}</div>
      <h2>Networks of the zoo</h2><p>Models of Keras and TensorFlow.js can be uploaded under <a href="#/datasets">Datasets</a> or sent with the job.</p>
      <div class="columns">${models.map(model)}</div>`,
  };
}
