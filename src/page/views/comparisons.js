/** Comparisons of methods: how far each is. */
import { html, nothing } from '/page/vendor/lit-html.js';
import { getJson, queryOf } from '../api.js';
import { ago, clock } from '../format.js';
import { badge, empty, scrollable } from '../parts.js';

/** @import { Comparison, Context, View } from '../types.d.ts' */

const everyMs = 5000;
const over = ['succeeded', 'failed', 'cancelled', 'expired', 'lost'];

/** @param {Comparison} comparison */
export const cellsOver = ({ counts }) => over.reduce((sum, status) => sum + (counts[status] ?? 0), 0);

/**
 * @param {Context} context
 * @returns {Promise<View>}
 */
export async function comparisonsView({ session, signal, redraw, repeat }) {
  /** @type {Comparison[]} */
  let comparisons = [];
  let hasMore = false;
  let limit = 20;
  const load = async () => {
    /** @type {{ comparisons: Comparison[], has_more: boolean }} */
    const page = await getJson(`/v1/comparisons${queryOf({ limit })}`, signal);
    [comparisons, hasMore] = [page.comparisons, page.has_more];
    redraw();
  };
  await repeat(everyMs, load);
  const more = () => {
    limit = 100;
    return load();
  };
  const row = (/** @type {Comparison} */ comparison) => html`<tr>
    <th scope="row"><a class="id" href="#/comparisons/${comparison.id}">${comparison.id}</a></th><td>${badge(comparison.status)}</td>
    <td><progress max=${comparison.cells} value=${cellsOver(comparison)} aria-label="Cells that are over"></progress> ${cellsOver(comparison)} of ${comparison.cells}</td>
    ${session.keysRequired ? html`<td class="roomy">${comparison.owner}</td>` : nothing}
    <td class="roomy" title=${clock(comparison.createdAt)}>${ago(comparison.createdAt)}</td></tr>`;
  return {
    title: 'Comparisons',
    template: () => html`<h1>Comparisons</h1>
      <div class="card">${
        comparisons.length === 0
          ? html`${empty('There is no comparison yet.')}<p>A comparison initialises the same networks by several methods with several seeds, trains them, and says which began best. <code>POST /v1/comparisons</code> starts one.</p>`
          : scrollable(
              'Comparisons',
              html`<table><thead><tr><th scope="col">Comparison</th><th scope="col">Status</th><th scope="col">Cells</th>${session.keysRequired ? html`<th scope="col" class="roomy">Owner</th>` : nothing}<th scope="col" class="roomy">Created</th></tr></thead><tbody>${comparisons.map(row)}</tbody></table>`,
            )
      }${hasMore && limit < 100 ? html`<p><button @click=${more}>Show older comparisons</button></p>` : nothing}</div>`,
  };
}
