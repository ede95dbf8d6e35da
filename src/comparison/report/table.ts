/** The rows of a report as texts, for the Markdown table and the HTML page. */
import type { ComparisonReport, ReportRow } from './report.ts';
import type { Spread } from './statistics.ts';

export interface Column {
  readonly title: string;
  /** Explanation of the number for a reader who does not know it. */
  readonly meaning: string;
  text(row: ReportRow): string;
}

/** Formats a number of a column. `of` is the mean, which also determines the digits of its deviation. */
type Show = (value: number, of: number) => string;

/** 'mean ± standard deviation'; only the mean for one value, a dash for none. */
export function spreadText(spread: Spread | null, show: Show): string {
  if (spread === null) return '–';
  const { mean, sd } = spread;
  return sd === null ? show(mean, mean) : `${show(mean, mean)} ± ${show(sd, mean)}`;
}

/** The difference with its interval; an interval that holds 0 is a tie. */
function differenceText({ difference }: Pick<ReportRow, 'difference'>): string {
  if (difference === null) return '–';
  const signed = (value: number) => `${value >= 0 ? '+' : '−'}${(100 * Math.abs(value)).toFixed(1)}`;
  const { mean, low, high, verdict } = difference;
  if (low === null || high === null) return `${signed(mean)} (one seed)`;
  const text = `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
  return verdict === 'tie' ? `tie ${text}` : text;
}

const percent: Show = (value) => (100 * value).toFixed(1);
const mebibytes: Show = (value) => (value / 2 ** 20).toFixed(0);
const seconds: Show = (value, of) => value.toFixed(of < 10 ? 2 : 1);

const significantDigits = 3;

/** Three significant digits of the mean; very large and very small numbers have one exponent for mean and deviation. */
const significant: Show = (value, of) => {
  const exponent = of === 0 ? 0 : Math.floor(Math.log10(Math.abs(of)));
  if (exponent >= 3 || exponent < -3)
    return `${(value / 10 ** exponent).toFixed(significantDigits - 1)}e${exponent < 0 ? '' : '+'}${exponent}`;
  return value.toFixed(significantDigits - 1 - Math.min(exponent, significantDigits - 1));
};

export const columns: readonly Column[] = [
  {
    title: 'Acc_1 %',
    meaning: 'test accuracy after the first regular epoch',
    text: (row) => spreadText(row.accuracyFirst, percent),
  },
  {
    title: 'mean Acc_1 %',
    meaning: 'mean test accuracy over the evaluations near the end of the first epoch',
    text: (row) => spreadText(row.meanAccuracyFirst, percent),
  },
  {
    title: 'Acc_best %',
    meaning: 'best test accuracy after any epoch',
    text: (row) => spreadText(row.accuracyBest, percent),
  },
  {
    title: 'difference',
    meaning:
      'Acc_best minus that of the first row, mean over seeds with the 95 % interval of the paired differences (Student); tie: the interval holds 0',
    text: differenceText,
  },
  {
    title: 'rate',
    meaning: 'of a sweep: the training rate that was best on samples that accuracy is not measured on',
    text: ({ sweep }) => (sweep === null ? '–' : String(sweep.learningRate)),
  },
  {
    title: 'loss@1',
    meaning: 'loss of the probe samples after 1 step',
    text: (row) => spreadText(row.lossAfter1, significant),
  },
  { title: 'loss@10', meaning: 'the same after 10 steps', text: (row) => spreadText(row.lossAfter10, significant) },
  { title: 'loss@100', meaning: 'the same after 100 steps', text: (row) => spreadText(row.lossAfter100, significant) },
  {
    title: 'gradient',
    meaning: 'L2 norm of the gradient before the first step',
    text: (row) => spreadText(row.gradientNorm, significant),
  },
  {
    title: 'n',
    meaning: 'seeds that gave a result; of several numbers the table has the mean and the standard deviation (n - 1)',
    text: ({ accuracyBest }) => String(accuracyBest?.n ?? 0),
  },
  { title: 'init s', meaning: 'seconds of the initialisation', text: (row) => spreadText(row.initSeconds, seconds) },
  {
    title: 'init epochs',
    meaning: 'the same in epochs of the training',
    text: (row) => spreadText(row.initEpochs, significant),
  },
  {
    title: 'init MiB',
    meaning: 'peak resident memory of the process until its end',
    text: (row) => spreadText(row.initPeakBytes, mebibytes),
  },
];

/** The rows of one model and one protocol. */
export interface Table {
  readonly model: string;
  readonly training: string;
  readonly rows: readonly ReportRow[];
}

export function tablesOf({ rows }: ComparisonReport): Table[] {
  const tables = new Map<string, ReportRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.model, row.training]);
    tables.set(key, [...(tables.get(key) ?? []), row]);
  }
  return [...tables.values()].map((list) => ({
    model: list[0]?.model ?? '',
    training: list[0]?.training ?? '',
    rows: list,
  }));
}

/**
 * The transfer matrix: one row per method, one column per protocol, mean Acc_best. Null unless there are several protocols.
 *
 * A row shows how an initialisation that was made for one optimizer performs with the others.
 */
export function transferOf(
  report: ComparisonReport,
  model: string,
  read: (row: ReportRow) => Spread | null = (row) => row.accuracyBest,
): { trainings: string[]; rows: { method: string; cells: string[] }[] } | null {
  const own = report.rows.filter((row) => row.model === model);
  const trainings = [...new Set(own.map((row) => row.training))];
  if (trainings.length < 2) return null;
  const methods = [...new Set(own.map((row) => row.method))];
  const cell = (method: string, training: string) =>
    own.find((row) => row.method === method && row.training === training);
  return {
    trainings,
    rows: methods.map((method) => ({
      method,
      cells: trainings.map((training) => spreadText(read(cell(method, training) as ReportRow), percent)),
    })),
  };
}

/**
 * Methods whose best accuracy has the same text as that of the best method, which is the first of them. A difference below the printed digits is not
 * shown as one.
 */
export function bestMethods(report: ComparisonReport, { model, training, rows }: Table): ReadonlySet<string> {
  const best = report.best.find((entry) => entry.model === model && entry.training === training)?.method;
  const textOf = ({ accuracyBest }: ReportRow) => (accuracyBest === null ? null : percent(accuracyBest.mean, 0));
  const wanted = rows.find(({ method }) => method === best);
  const text = wanted === undefined ? null : textOf(wanted);
  return new Set(rows.filter((row) => text !== null && textOf(row) === text).map(({ method }) => method));
}

export function samplesText({ samples: { training, test } }: ComparisonReport): string {
  const parts = [
    ...(training === null ? [] : [`${training} training samples`]),
    ...(test === null ? [] : [`${test} test samples`]),
  ];
  return parts.join(', ');
}
