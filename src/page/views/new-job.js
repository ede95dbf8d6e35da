/** A new job: three choices make a specification, which can be changed as JSON, checked, and sent. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, Problem, post } from '../api.js';
import { bytes, count, json } from '../format.js';
import { attempt, problemNote } from '../parts.js';

/** @import { Context, Dataset, Method, View, ZooModel } from '../types.d.ts' */

/** @typedef {{ valid: boolean, problems: { code: string, pointer: string, message: string }[], model: { parameters: { total: number } } | null, memory: { secondOrderStepBytes: number } | null, dataset: { samples: number } | null, loss: { name: string } | null }} Validation */

/** What most first jobs want: a small network on data that is there. */
const first = { model: 'mlp', dataset: 'builtin:digits', method: 'gradinit' };

/** @param {readonly ZooModel[]} models */
const optionsOf = (models, /** @type {string} */ name) =>
  name === 'mlp'
    ? { inputShape: [64], sizes: [64, 64], classes: 10 }
    : models.some((model) => model.name === name)
      ? {}
      : {};

/** @param {Validation} found */
function verdict({ valid, problems, model, memory, dataset, loss }) {
  if (!valid)
    return html`<div class="note bad" role="alert"><p>This job would not be accepted:</p><ul>${problems.map(({ code, pointer, message }) => html`<li><strong>${code}</strong> <code>${pointer}</code> ${message}</li>`)}</ul></div>`;
  const parts = [
    model === null ? '' : `${count(model.parameters.total)} parameters`,
    dataset === null ? '' : `${count(dataset.samples)} samples`,
    loss === null ? '' : `loss ${loss.name}`,
    memory === null ? '' : `a step needs about ${bytes(memory.secondOrderStepBytes)}`,
  ];
  return html`<p role="status"><span class="badge good">valid</span> ${parts.filter((part) => part !== '').join(', ')}</p>`;
}

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function newJobView({ query, signal, redraw }) {
  /** @type {[{ models: ZooModel[] }, { methods: Method[] }, { builtinDatasets: string[] }, { datasets: Dataset[] }]} */
  const [{ models }, { methods }, { builtinDatasets }, { datasets }] = await Promise.all([
    getJson('/v1/zoo', signal),
    getJson('/v1/methods', signal),
    getJson('/v1/formats', signal),
    getJson('/v1/datasets?limit=100', signal),
  ]);
  const uploads = datasets.filter(({ kind }) => kind === 'dataset').map(({ ref, name }) => ({ ref, name }));
  const topologies = datasets.filter(({ kind }) => kind === 'model').map(({ ref, name }) => ({ ref, name }));
  const choice = {
    model: query.get('model') ?? first.model,
    dataset: query.get('dataset') ?? first.dataset,
    method: query.get('method') ?? first.method,
  };
  const needsData = () => methods.find(({ name }) => name === choice.method)?.needsDataset ?? true;
  const specification = () => ({
    model: choice.model.startsWith('dataset:')
      ? { ref: choice.model }
      : { format: 'zoo', name: choice.model, options: optionsOf(models, choice.model) },
    ...(needsData() ? { dataset: { ref: choice.dataset } } : {}),
    method: { name: choice.method },
    seed: 1,
    artifacts: ['safetensors', 'tfjs-layers'],
  });
  let text = json(specification());
  /** @type {Problem | null} */
  let problem = null;
  /** @type {Validation | null} */
  let found = null;

  const choose = (/** @type {keyof typeof choice} */ field) => (/** @type {Event} */ event) => {
    choice[field] = /** @type {HTMLSelectElement} */ (event.currentTarget).value;
    text = json(specification());
    [problem, found] = [null, null];
    redraw();
  };
  const parsed = () => {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Problem(400, 'JSON', `the specification is not JSON: ${error instanceof Error ? error.message : ''}`);
    }
  };
  const check = async () => {
    found = null;
    problem = await attempt(async () => {
      found = await post('/v1/jobs/validate', parsed());
    });
    redraw();
  };
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    found = null;
    problem = await attempt(async () => {
      /** @type {{ id: string }} */
      const { id } = await post('/v1/jobs', parsed());
      location.hash = `/jobs/${id}`;
    });
    redraw();
  };
  const edit = (/** @type {Event} */ event) => {
    text = /** @type {HTMLTextAreaElement} */ (event.currentTarget).value;
  };
  const option = (/** @type {string} */ value, /** @type {string} */ label, /** @type {string} */ chosen) =>
    html`<option value=${value} ?selected=${value === chosen}>${label}</option>`;
  const method = () => methods.find(({ name }) => name === choice.method);

  return {
    title: 'New job',
    template: () => html`<h1>New job</h1>
      <form @submit=${send}>
      <div class="columns">
        <div class="card">
          <div class="field"><label for="model">Network</label><select id="model" @change=${choose('model')}>
            ${models.map(({ name, summary }) => option(name, `${name}: ${summary}`, choice.model))}
            ${topologies.map(({ ref, name }) => option(ref, `uploaded: ${name}`, choice.model))}</select></div>
          <div class="field"><label for="dataset">Data</label><select id="dataset" @change=${choose('dataset')} ?disabled=${!needsData()}>
            ${builtinDatasets.map((ref) => option(ref, ref, choice.dataset))}
            ${uploads.map(({ ref, name }) => option(ref, `uploaded: ${name}`, choice.dataset))}</select></div>
          <div class="field"><label for="method">Method</label><select id="method" @change=${choose('method')}>
            ${methods.map(({ name }) => option(name, name, choice.method))}</select></div>
          <p class="soft">${method()?.summary}</p>
          <p class="soft">Files of your own are uploaded under <a href="#/datasets">Datasets</a>: data, or a model of Keras or TensorFlow.js.</p>
        </div>
        <div class="card">
          <label for="specification">Specification, as it is sent to <code>POST /v1/jobs</code></label>
          <textarea id="specification" spellcheck="false" .value=${text} @input=${edit}></textarea>
          ${problem === null ? nothing : problemNote(problem)}${found === null ? nothing : verdict(found)}
          <p class="title"><button class="first">Start the job</button><button type="button" @click=${check}>Check it only</button></p>
        </div>
      </div></form>`,
  };
}
