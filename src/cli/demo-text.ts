/** The texts of the demo: a short report of its job, and shell commands that do the same. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Job, JobRequest } from '../client/index.ts';
import { AppError } from '../errors.ts';

const Numbers = Type.Object({ loss: Type.Number(), gradientNorm: Type.Number() });

/** The parts of report.json that are printed. */
const Report = Type.Object({
  scales: Type.Record(Type.String(), Type.Number()),
  skipped: Type.Array(Type.Object({ parameter: Type.String() })),
  assessment: Type.Object({ samples: Type.Integer(), before: Numbers, after: Numbers }),
  history: Type.Array(Type.Object({ seconds: Type.Number(), branch: Type.String() })),
});

const shownScales = 3;
const padded = (text: string) => text.padStart(14);
const change = (before: number, after: number) =>
  `${after >= before ? '+' : ''}${((after / before - 1) * 100).toFixed(1)} %`;

/** The table before and after, the scales that changed most, and the seconds per iteration. Throws SERVICE_ANSWER for a report of another form. */
export function summarizeReport(report: unknown, job: Job): string {
  if (!Value.Check(Report, report))
    throw new AppError('SERVICE_ANSWER', 'report.json has no assessment, scales or history');
  const { assessment, history, scales, skipped } = report;
  const { before, after, samples } = assessment;
  const row = (name: string, key: 'loss' | 'gradientNorm') =>
    `  ${name.padEnd(18)}${padded(before[key].toPrecision(5))}${padded(after[key].toPrecision(5))}${padded(change(before[key], after[key]))}`;
  const sorted = Object.entries(scales).sort(([, a], [, b]) => a - b);
  const list = (entries: typeof sorted) => entries.map(([name, scale]) => `${name} ${scale.toFixed(4)}`).join(', ');
  const seconds = history.reduce((sum, line) => sum + line.seconds, 0);
  const constrained = history.filter(({ branch }) => branch === 'constraint').length;
  return [
    '',
    `  ${''.padEnd(18)}${padded('before')}${padded('after')}${padded('change')}   (the same ${samples} images)`,
    row('loss', 'loss'),
    row('gradient norm', 'gradientNorm'),
    '',
    `  smallest scales: ${list(sorted.slice(0, shownScales))}`,
    `  largest scales:  ${list(sorted.slice(-shownScales).reverse())}`,
    `  ${history.length} iterations (${constrained} for the gradient norm), ${(seconds / history.length).toFixed(3)} s each on ${job.device ?? 'an unnamed device'}; ${skipped.length} parameters start at zero and have no scale`,
  ].join('\n');
}

/** The demo as shell commands with the same specification. */
export function curlLines(modelFile: string, { dataset, method }: JobRequest): string {
  const rest = JSON.stringify({ dataset, method }).slice(1, -1);
  return [
    'URL=http://127.0.0.1:8080',
    `JOB=$(printf '{"model":{"topology":%s},${rest}}' "$(cat ${modelFile})" |`,
    `  curl -sf "$URL/v1/jobs" -H 'content-type: application/json' -H "idempotency-key: $(date +%s)" -d @- | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')`,
    'curl -sfN -H "accept: text/event-stream" "$URL/v1/jobs/$JOB/events"',
    'curl -sf "$URL/v1/jobs/$JOB?wait=60"',
    'curl -sf "$URL/v1/jobs/$JOB/weights?format=safetensors" -o weights.safetensors',
  ].join('\n');
}
