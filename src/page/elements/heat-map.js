/** <heat-map .data=${HeatData}>: rows by name, columns in time, one colour for each number. What the pointer is over is said below, the rest is in a table. */
import { number } from '../format.js';
import { coloursOf, onScheme, scaleColour } from './colours.js';

/** @import { HeatData } from '../types.d.ts' */

const rowPixels = 14;
const maxPixels = 640;
/** Scales between a half and twice have visible colours even when nothing moves further. */
const leastReach = Math.log(2);

/** @param {HeatData} data */
function reachOf({ rows }) {
  const sizes = rows.flatMap(({ values }) =>
    values.map((value) => (value === null || value <= 0 ? 0 : Math.abs(Math.log(value)))),
  );
  return sizes.reduce((most, size) => Math.max(most, size), leastReach);
}

class HeatMap extends HTMLElement {
  /** @type {HeatData} */
  #data = { columns: [], rows: [] };
  #canvas = document.createElement('canvas');
  #caption = document.createElement('p');
  #gone = new AbortController();

  /** @param {HeatData} data */
  set data(data) {
    this.#data = data;
    this.#show();
  }

  connectedCallback() {
    this.#gone = new AbortController();
    this.#caption.className = 'soft';
    this.replaceChildren(this.#canvas, this.#caption);
    onScheme(() => this.#show(), this.#gone.signal);
    this.#canvas.addEventListener('pointermove', (event) => this.#point(event), { signal: this.#gone.signal });
    this.#canvas.addEventListener('pointerleave', () => this.#describe(), { signal: this.#gone.signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { columns, rows } = this.#data;
    const box = this.#canvas.getBoundingClientRect();
    const row = rows[Math.floor(((event.clientY - box.top) / box.height) * rows.length)];
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns.length);
    if (row === undefined) return;
    this.#caption.textContent = `${row.label}, iteration ${columns[column]}: ${number(row.values[column])}`;
  }

  #describe() {
    const reach = Math.exp(reachOf(this.#data));
    this.#caption.textContent = `Top: first layer, bottom: last. Left to right: iterations ${this.#data.columns[0]} to ${this.#data.columns.at(-1)}. Blue: smaller than 1 (down to ${number(1 / reach)}), orange: larger (up to ${number(reach)}).`;
  }

  #show() {
    const { columns, rows } = this.#data;
    const context = this.#canvas.getContext('2d');
    if (context === null || columns.length === 0 || rows.length === 0) return;
    this.#canvas.width = columns.length;
    this.#canvas.height = rows.length;
    this.#canvas.style.height = `${Math.min(maxPixels, Math.max(4 * rowPixels, rowPixels * rows.length))}px`;
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute(
      'aria-label',
      `Heat map of ${rows.length} scales over ${columns.length} points in time; the table below has the last values`,
    );
    const { dark } = coloursOf(false);
    const reach = reachOf(this.#data);
    rows.forEach(({ values }, y) => {
      values.forEach((value, x) => {
        if (value === null) return;
        context.fillStyle = `rgb(${scaleColour(value, reach, dark).join(' ')})`;
        context.fillRect(x, y, 1, 1);
      });
    });
    this.#describe();
  }
}

customElements.define('heat-map', HeatMap);
