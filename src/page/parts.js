/** Parts that several views share. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { Problem } from './api.js';
import { duration } from './format.js';

/** @import { Job } from './types.d.ts' */

/** @type {Readonly<Record<string, string>>} */
const tones = {
  succeeded: 'good',
  failed: 'bad',
  expired: 'bad',
  running: 'busy',
  cancelling: 'busy',
};

/** @param {string} status */
export const badge = (status) => html`<span class="badge ${tones[status] ?? ''}">${status}</span>`;

/** @param {Problem} problem */
export function problemNote({ code, message, errors }) {
  const places = errors.map(({ pointer, message: text }) => html`<li><code>${pointer}</code> ${text}</li>`);
  return html`<div class="note bad" role="alert"><p><strong>${code}</strong> ${message}</p>${errors.length > 0 ? html`<ul>${places}</ul>` : nothing}</div>`;
}

/** @param {string} text */
export const empty = (text) => html`<p class="empty">${text}</p>`;

/** A table that is wider than the screen is moved inside its frame; the frame takes the focus for the keyboard's sake.
 *
 * @param {string} label
 * @param {unknown} table
 */
export const scrollable = (label, table) =>
  html`<div class="scroll" role="group" aria-label=${label} tabindex="0">${table}</div>`;

/** @param {Job['specification']} specification */
export function modelName({ model }) {
  if ('name' in model) return model.name;
  if ('ref' in model) return model.ref;
  return model.topology.name ?? 'posted topology';
}

/** @param {Job['specification']} specification */
export const datasetName = ({ dataset }) => dataset?.ref ?? 'none';

/** @param {Job} job */
export function progressBar({ status, phase, progress, queuePosition }) {
  const { iteration, iterations, etaSeconds } = progress;
  if (status === 'queued') return html`${queuePosition === null ? 'waiting' : `number ${queuePosition} in the queue`}`;
  if (status !== 'running' && status !== 'cancelling') return html`–`;
  if (iterations === null) return html`<span class="soft">${phase ?? 'starting'}</span>`;
  const left = etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`;
  return html`<progress max=${iterations} value=${iteration} aria-label="Iterations that are done"></progress>
    <span class="soft">${phase}: ${iteration} of ${iterations}${left}</span>`;
}

/** @param {readonly string[]} scopes */
export const mayWrite = (scopes) => scopes.includes('admin') || scopes.includes('jobs:write');

export const isOver = (/** @type {string} */ status) =>
  ['succeeded', 'failed', 'cancelled', 'expired'].includes(status);

/**
 * Runs what a click asks for and keeps its problem for the view to show.
 *
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Problem | null>}
 */
export async function attempt(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
