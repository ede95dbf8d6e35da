/** gradinit init: initialises one model with one method on one dataset and writes the weights to disk. */
import { artifactFormat } from '../artifacts/index.ts';
import { checkOutput, publishArtifacts } from '../artifacts/publish.ts';
import { type RunAssessment, type RunOutcome, runJob } from '../jobs/run.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags, required } from './args.ts';
import { createProgress } from './progress.ts';
import { localSources } from './sources.ts';
import { specFlags, specOf, specUsage } from './spec-flags.ts';

export const usage = `usage: gradinit init --model FILE | --zoo NAME  --dataset REF --method NAME --out DIR [OPTIONS]

${specUsage}
  --out DIR                where the artifact goes, whole or not at all
  --overwrite              replace an artifact that is there
  --eager                  operation by operation instead of as one recorded graph
  --json                   progress and result as JSON lines on standard output

References are paths of this machine or builtin:digits.`;

const flags = {
  ...specFlags,
  out: { type: 'string' },
  overwrite: { type: 'boolean' },
  eager: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Loss and gradient norm before and after, on the same samples. */
function tableOf({ samples, before, after }: RunAssessment): string[] {
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(22)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  const numbers = (key: 'loss' | 'gradientNorm') => [before[key].toPrecision(5), after[key].toPrecision(5)];
  return [
    row(`on ${samples} samples`, ['before', 'after']),
    row('loss', numbers('loss')),
    row('gradient norm', numbers('gradientNorm')),
  ];
}

/** A summary of the result for people. */
export function summarize({ result, history, prepared, assessment }: RunOutcome, out: string): string {
  const scales = Object.entries(result.scales ?? {}).sort((a, b) => a[1] - b[1]);
  const seconds = history.reduce((sum, metrics) => sum + metrics.seconds, 0);
  const pace = history.length > 0 ? `, ${(seconds / history.length).toFixed(3)} s per iteration` : '';
  const lines = [
    `${prepared.method.method.name}: ${result.weights.size} tensors, ${history.length} iterations, ${result.statistics.seconds.toFixed(1)} s${pace}`,
  ];
  if (assessment) lines.push(...tableOf(assessment));
  if (scales.length > 0) {
    const text = (list: typeof scales) => list.map(([name, scale]) => `${name} ${scale.toFixed(4)}`).join(', ');
    lines.push(
      `  smallest scales: ${text(scales.slice(0, 3))}`,
      `  largest scales:  ${text(scales.slice(-3).reverse())}`,
    );
  }
  for (const { parameter, reason } of (result.skipped ?? []).slice(0, 3))
    lines.push(`  skipped ${parameter}: ${reason}`);
  if ((result.skipped?.length ?? 0) > 3)
    lines.push(`  ... and ${(result.skipped?.length ?? 0) - 3} more, see report.json`);
  return [...lines, `  artifact: ${out}`].join('\n');
}

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const out = required(values.out, '--out');
  const overwrite = values.overwrite ?? false;
  const spec = await specOf(values);
  await checkOutput(out, { overwrite });
  const { signal, release } = abortOnSignals();
  const progress = createProgress(process.stderr);
  const printJson = (document: object) => console.log(JSON.stringify(document));
  try {
    const outcome = await runJob(
      spec,
      {
        sources: localSources(),
        publish: async (content, formats) => {
          await publishArtifacts(out, formats.map(artifactFormat), content, { overwrite, signal });
        },
        onPhase: (phase) => values.json && printJson({ event: 'phase', phase }),
      },
      {
        signal,
        execution: values.eager ? 'eager' : 'graph',
        onIteration: (metrics) =>
          values.json ? printJson({ event: 'iteration', ...metrics }) : progress.show(metrics),
      },
    );
    progress.finish();
    if (values.json)
      printJson({
        event: 'done',
        out,
        scales: outcome.result.scales ?? {},
        skipped: outcome.result.skipped ?? [],
        statistics: outcome.result.statistics,
      });
    else console.log(summarize(outcome, out));
    return 0;
  } finally {
    release();
  }
}
