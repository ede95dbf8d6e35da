/** The plots of a report as SVG texts. Vega-Lite describes them; Vega renders them without a browser and escapes every text. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { dashes, palette } from './plot-lines.ts';
import type { ComparisonReport, ReportCell } from './report.ts';
import { spreadOf } from './statistics.ts';

const config = {
  background: 'white',
  font: 'system-ui, sans-serif',
  axis: { labelLimit: 220, grid: true, gridColor: '#eee' },
  view: { stroke: '#ddd' },
  legend: { symbolOpacity: 1, labelLimit: 260 },
} as const;

/** Width in pixels with which two plots and their legends fit side by side on the page. */
const plotWidth = 350;

async function draw(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

type Done = ReportCell & { readonly state: Extract<ReportCell['state'], { status: 'done' }> };
const isDone = (cell: ReportCell): cell is Done => cell.state.status === 'done';

interface Selection {
  readonly model: string;
  readonly training: string;
}

const cellsOf = (report: ComparisonReport, { model, training }: Selection): Done[] =>
  report.cells.filter(isDone).filter((cell) => cell.chosen && cell.model === model && cell.training === training);

/** The colour scale: methods that apply to at least one model, in the order of the specification, so that a method has the same colour in all plots. */
const colour = (report: ComparisonReport) => {
  const applicable = report.rows.filter(({ status }) => status !== 'inapplicable');
  const domain = [...new Set(applicable.map((row) => row.method))];
  return {
    field: 'method',
    type: 'nominal',
    title: null,
    scale: { domain, range: domain.map((_, index) => palette[index % palette.length] as string) },
  } as const;
};

const dash = (report: ComparisonReport) => {
  const { scale, ...rest } = colour(report);
  const { domain } = scale;
  return { ...rest, scale: { domain, range: domain.map((_, index) => dashes[index % dashes.length] as number[]) } };
};

/** A logarithmic axis is used when the largest value exceeds the smallest by more than this factor. */
const logFrom = 50;
const logarithmic = { type: 'log' } as const;

/** Groups by a key, in the order of first appearance. */
function group<T>(list: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of list) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

/** Mean over seeds and the interval of one standard deviation around it. */
function band(list: readonly { method: string; x: number; y: number }[]) {
  return group(list, ({ method, x }) => JSON.stringify([method, x])).map((points) => {
    const { mean, sd } = spreadOf(points.map(({ y }) => y)) ?? { mean: Number.NaN, sd: null };
    const { method, x } = points[0] as { method: string; x: number };
    return { method, x, y: mean, low: mean - (sd ?? 0), high: mean + (sd ?? 0) };
  });
}

function bands(
  report: ComparisonReport,
  values: ReturnType<typeof band>,
  axes: { x: string; y: string },
): Promise<string> {
  const least = values.reduce((min, { y: value }) => Math.min(min, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((max, { y: value }) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const isLog = least > 0 && most / least > logFrom;
  // A band that reaches zero or below cannot be drawn on a logarithmic axis: its lower edge becomes half of the least mean.
  const drawn = isLog ? values.map((point) => ({ ...point, low: Math.max(point.low, least / 2) })) : values;
  const title = isLog ? `${axes.y} (logarithmic)` : axes.y;
  const y = { type: 'quantitative', title, scale: isLog ? logarithmic : { zero: false } } as const;
  const x = {
    field: 'x',
    type: 'quantitative',
    title: axes.x,
    scale: { zero: false },
    axis: { tickMinStep: 1, format: 'd' },
  } as const;
  return draw({
    width: plotWidth,
    height: 260,
    config,
    data: { values: drawn },
    layer: [
      {
        mark: { type: 'area', opacity: 0.18 },
        encoding: { x, y: { field: 'low', ...y }, y2: { field: 'high' }, color: colour(report) },
      },
      {
        mark: { type: 'line', strokeWidth: 1.6, point: values.length < 40 },
        encoding: { x, y: { field: 'y', ...y }, color: colour(report), strokeDash: dash(report) },
      },
    ],
  });
}

/** Training loss by step. */
export function lossCurves(report: ComparisonReport, selection: Selection): Promise<string> {
  const points = cellsOf(report, selection).flatMap(({ method, state }) =>
    state.result.training.curve.map(({ step, loss }) => ({ method, x: step + 1, y: loss })),
  );
  return bands(report, band(points), { x: 'step', y: 'training loss' });
}

/** Training loss by seconds since the start of the initialisation: first the seconds of the initialisation, then steps of equal duration. Means over seeds. */
export function lossByTime(report: ComparisonReport, selection: Selection): Promise<string> {
  const points = group(cellsOf(report, selection), ({ method }) => method).flatMap((cells) => {
    const mean = (read: (cell: Done) => number) => cells.reduce((sum, cell) => sum + read(cell) / cells.length, 0);
    const steps = ({ state }: Done) => (state.result.training.curve.at(-1)?.step ?? 0) + 1;
    const start = mean(({ state }) => state.result.initialisation.seconds);
    const perStep = mean((cell) => cell.state.result.training.seconds / steps(cell));
    return cells.flatMap(({ method, state }) =>
      state.result.training.curve.map(({ step, loss }) => ({ method, x: start + (step + 1) * perStep, y: loss })),
    );
  });
  return bands(report, band(points), { x: 'seconds', y: 'training loss' });
}

/** Test accuracy by epoch. */
export function accuracyCurves(report: ComparisonReport, selection: Selection): Promise<string> {
  const points = cellsOf(report, selection).flatMap(({ method, state }) =>
    state.result.training.epochs.map(({ epoch, testAccuracy }) => ({ method, x: epoch, y: 100 * testAccuracy })),
  );
  return bands(report, band(points), { x: 'epoch', y: 'test accuracy, %' });
}

/** Acc_1 and Acc_best of every method with the standard deviation as a whisker. */
export function accuracyBars(report: ComparisonReport, { model, training }: Selection): Promise<string> {
  const rows = report.rows.filter((row) => row.model === model && row.training === training);
  const values = rows.flatMap((row) =>
    [
      { measure: 'after epoch 1', spread: row.accuracyFirst },
      { measure: 'best', spread: row.accuracyBest },
    ].flatMap(({ measure, spread }) =>
      spread === null
        ? []
        : [
            {
              method: row.method,
              measure,
              y: 100 * spread.mean,
              low: 100 * (spread.mean - (spread.sd ?? 0)),
              high: 100 * (spread.mean + (spread.sd ?? 0)),
            },
          ],
    ),
  );
  const y = { field: 'method', type: 'nominal', title: null, sort: rows.map((row) => row.method) } as const;
  const yOffset = { field: 'measure', type: 'nominal', sort: ['after epoch 1', 'best'] } as const;
  return draw({
    width: plotWidth,
    height: { step: 16 },
    config,
    data: { values },
    layer: [
      {
        mark: 'bar',
        encoding: {
          y,
          yOffset,
          x: { field: 'y', type: 'quantitative', title: 'test accuracy, %', scale: { domainMin: 0 } },
          color: {
            field: 'measure',
            type: 'nominal',
            title: null,
            scale: { domain: ['after epoch 1', 'best'], range: ['#9ecae1', '#0072B2'] },
          },
        },
      },
      {
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { y, yOffset, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
      },
    ],
  });
}

/** One line per method over the parameters in the order of the network; only kernels where there are many parameters. */
function byDepth(
  report: ComparisonReport,
  cells: readonly Done[],
  read: (cell: Done) => Readonly<Record<string, number>>,
  axes: { y: string; log: boolean; reference?: number },
): Promise<string> | null {
  const present = new Set(cells.flatMap((cell) => Object.keys(read(cell))));
  // Keys of a stored report are sorted by name; the order of the network is taken from the list of gradients.
  const ordered = cells.flatMap(({ state }) =>
    state.result.training.start.gradientNorms.map(({ parameter }) => parameter),
  );
  const names = [...new Set([...ordered, ...present])].filter((name) => present.has(name));
  const shown = names.length > 60 ? names.filter((name) => /kernel|weight|embeddings/i.test(name)) : names;
  const values = group(
    cells.flatMap((cell) =>
      shown.flatMap((name) =>
        read(cell)[name] === undefined ? [] : [{ method: cell.method, name, y: read(cell)[name] as number }],
      ),
    ),
    ({ method, name }) => JSON.stringify([method, name]),
  ).map((list) => ({
    method: list[0]?.method ?? '',
    name: list[0]?.name ?? '',
    y: spreadOf(list.map(({ y }) => y))?.mean ?? 0,
  }));
  const drawn = axes.log ? values.filter(({ y }) => y > 0) : values;
  if (drawn.length === 0) return null;
  return draw({
    width: Math.max(plotWidth, Math.min(1100, 14 * shown.length)),
    height: 240,
    config,
    data: { values: drawn },
    layer: [
      ...(axes.reference === undefined
        ? []
        : [
            {
              mark: { type: 'rule' as const, color: '#555', strokeDash: [3, 3] },
              encoding: { y: { datum: axes.reference } },
            },
          ]),
      {
        mark: { type: 'line', point: { size: 22 }, strokeWidth: 1 },
        encoding: {
          x: {
            field: 'name',
            type: 'ordinal',
            title: 'parameter, from input to output',
            sort: shown,
            axis: { labelAngle: -60, labelFontSize: 8, labelLimit: 140 },
          },
          y: { field: 'y', type: 'quantitative', title: axes.y, scale: axes.log ? logarithmic : { zero: false } },
          color: colour(report),
          strokeDash: dash(report),
        },
      },
    ],
  });
}

/** Scales that the methods found for every tuned parameter, mean over seeds; null when no method found scales. */
export const scalesByDepth = (report: ComparisonReport, selection: Selection): Promise<string> | null =>
  byDepth(report, cellsOf(report, selection), ({ state }) => state.result.initialisation.scales, {
    y: 'scale (dashed line: 1, as drawn)',
    log: false,
    reference: 1,
  });

/** Gradient norm of every parameter before the first step, mean over seeds. */
export const gradientsByDepth = (report: ComparisonReport, selection: Selection): Promise<string> | null =>
  byDepth(
    report,
    cellsOf(report, selection),
    ({ state }) =>
      Object.fromEntries(state.result.training.start.gradientNorms.map(({ parameter, norm }) => [parameter, norm])),
    { y: 'gradient norm at the start', log: true },
  );
