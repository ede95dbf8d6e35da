/** <line-plot .data=${PlotData}>: lines over iterations, drawn by uPlot. To a screen reader it is a picture with a summary of its numbers. */
import uPlot from '/page/vendor/uPlot.js';
import { number } from '../format.js';
import { coloursOf, onScheme } from './colours.js';

/** @import { PlotData } from '../types.d.ts' */

const height = 210;

/** @param {PlotData} data */
function summaryOf({ xLabel, yLabel, x, series, choices }) {
  const parts = series.map(({ label, values }) => {
    const given = values.filter((value) => value !== null);
    if (given.length === 0) return `${label}: no values`;
    const last = given.at(-1) ?? 0;
    if (choices !== undefined) return `${label}: last ${choices[last] ?? last}`;
    return `${label}: ${given.length} values, ${number(Math.min(...given))} to ${number(Math.max(...given))}, last ${number(last)}`;
  });
  return `Plot of ${yLabel} over ${xLabel}, ${x.length} points. ${parts.join('; ')}`;
}

class LinePlot extends HTMLElement {
  /** @type {PlotData | null} */
  #data = null;
  /** @type {uPlot | null} */
  #plot = null;
  #shape = '';
  #forPrint = false;
  #gone = new AbortController();

  /** @param {PlotData} data */
  set data(data) {
    this.#data = data;
    this.#show();
  }

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    const resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.clientWidth, height }));
    resized.observe(this);
    signal.addEventListener('abort', () => resized.disconnect());
    onScheme(() => this.#rebuild(), signal);
    const print = (/** @type {boolean} */ forPrint) => () => {
      this.#forPrint = forPrint;
      this.#rebuild();
    };
    addEventListener('beforeprint', print(true), { signal });
    addEventListener('afterprint', print(false), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #rebuild() {
    this.#shape = '';
    this.#show();
  }

  #show() {
    const data = this.#data;
    if (data === null || !this.isConnected) return;
    this.setAttribute('role', 'img');
    this.setAttribute('aria-label', summaryOf(data));
    const table = [data.x, ...data.series.map(({ values }) => values)];
    const { series, choices, log, xLabel, yLabel } = data;
    const shape = JSON.stringify([series.map(({ label }) => label), choices, log, xLabel, yLabel]);
    const aligned = /** @type {uPlot.AlignedData} */ (table);
    if (this.#plot !== null && shape === this.#shape) return this.#plot.setData(aligned);
    this.#shape = shape;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(data), aligned, this);
  }

  /**
   * @param {PlotData} data
   * @returns {uPlot.Options}
   */
  #options({ series, log, choices, xLabel }) {
    const colours = coloursOf(this.#forPrint);
    const axis = {
      stroke: colours.text,
      grid: { stroke: colours.grid, width: 1 },
      ticks: { stroke: colours.grid, width: 1 },
    };
    const named = {
      splits: () => (choices ?? []).map((_, index) => index),
      values: (/** @type {uPlot} */ _plot, /** @type {number[]} */ at) => at.map((index) => choices?.[index] ?? ''),
    };
    return {
      width: Math.max(200, this.clientWidth),
      height,
      scales: {
        x: { time: false },
        y: choices === undefined ? (log ? { distr: 3 } : {}) : { range: [-0.5, choices.length - 0.5] },
      },
      axes: [
        // Iterations, steps and epochs are whole numbers.
        {
          ...axis,
          label: xLabel,
          labelSize: 18,
          size: 36,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4, 1e5, 1e6],
        },
        {
          ...axis,
          size: choices === undefined ? 62 : 92,
          ...(choices === undefined
            ? { values: (_plot, at) => at.map((value) => (value === null ? '' : number(value))) }
            : named),
        },
      ],
      legend: { show: series.length > 1 },
      cursor: { drag: { x: false, y: false } },
      series: [
        { label: xLabel },
        ...series.map(({ label }, index) => ({
          label,
          ...colours.line(index),
          width: 1.6,
          spanGaps: true,
          points: { show: choices !== undefined, size: 4 },
          ...(choices === undefined
            ? { value: (/** @type {uPlot} */ _plot, /** @type {number | null} */ value) => number(value) }
            : { paths: () => null }),
        })),
      ],
    };
  }
}

customElements.define('line-plot', LinePlot);
