/** gradinit recommend: recommends an initialisation for a model and its data, if it needs one. */
import { artifactFormat } from '../artifacts/index.ts';
import { checkOutput, publishArtifacts } from '../artifacts/publish.ts';
import { type RunOutcome, runJob } from '../jobs/run.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags } from './args.ts';
import { createProgress } from './progress.ts';
import { localSources } from './sources.ts';
import { specFlags, specOf, specUsage } from './spec-flags.ts';

export const usage = `usage: gradinit recommend --model FILE | --zoo NAME  --dataset REF [OPTIONS]

Diagnoses the model on its data, tries every method that applies in short paired trainings, and says which to use, or to keep what you have.

${specUsage.replace(/ {2}--method NAME.*\n/, '').replace('options of the method', 'options of the method recommend: optimizer, trainingRate, maxTrainingSteps, ...')}
  --out DIR                write the recommended weights and the whole report there
  --overwrite              replace an artifact that is there
  --json                   the recommendation, diagnosis and evidence as JSON on standard output`;

const { method: _, ...shared } = specFlags;
const flags = {
  ...shared,
  out: { type: 'string' },
  overwrite: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** The result of the method `recommend`, as its module declares it. */
interface Found {
  readonly recommendation: {
    readonly answer: string;
    readonly method: string | null;
    readonly options: object | null;
    readonly why: string;
  };
  readonly diagnosis: {
    readonly criticalRate: number | null;
    readonly sharpness: number | null;
    readonly remarks: readonly string[];
  };
  readonly methods: readonly {
    readonly method: string;
    readonly applies: boolean;
    readonly tried: boolean;
    readonly reason: string | null;
  }[];
  readonly evidence: {
    readonly rows: readonly {
      readonly name: string;
      readonly shortLosses: Readonly<Record<string, number | null>>;
      readonly longLosses?: readonly (number | null)[];
    }[];
  };
}

const number = (value: number | null) => (value === null ? 'diverged' : value.toPrecision(4));

/** A summary of the result for people. */
function summarize({ recommendation, diagnosis, methods, evidence }: Found): string {
  const { answer, method, options, why } = recommendation;
  const chosen = `${method} ${Object.keys(options ?? {}).length > 0 ? JSON.stringify(options) : ''}`.trim();
  return [
    answer === 'keep' ? 'keep your weights' : `use ${chosen}`,
    `  ${why}`,
    `  critical rate along the gradient ${diagnosis.criticalRate === null ? 'not found' : diagnosis.criticalRate.toPrecision(3)}`,
    ...diagnosis.remarks.map((remark) => `  ${remark}`),
    '',
    'held-out loss after short trainings (by rate), and after longer ones (by seed):',
    ...evidence.rows.map(({ name, shortLosses, longLosses }) => {
      const short = Object.entries(shortLosses).map(
        ([rate, loss]) => `${Number(rate).toPrecision(2)}: ${number(loss)}`,
      );
      return `  ${name.padEnd(20)} ${short.join('  ')}${longLosses ? `   | ${longLosses.map(number).join('  ')}` : ''}`;
    }),
    ...methods
      .filter(({ tried }) => !tried)
      .map((row) => `  ${row.method.padEnd(20)} ${row.applies ? '' : 'does not apply: '}${row.reason}`),
  ].join('\n');
}

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values } = parsed;
  const { out, overwrite = false } = values;
  const spec = await specOf({ ...values, method: 'recommend' });
  if (out !== undefined) await checkOutput(out, { overwrite });
  const { signal, release } = abortOnSignals();
  const progress = createProgress(process.stderr);
  try {
    const outcome: RunOutcome = await runJob(
      spec,
      {
        sources: localSources(),
        publish: async (content, formats) => {
          if (out !== undefined)
            await publishArtifacts(out, formats.map(artifactFormat), content, { overwrite, signal });
        },
        onPhase: () => {},
      },
      { signal, onIteration: (metrics) => progress.show(metrics) },
    );
    progress.finish();
    const found = outcome.result.findings as unknown as Found;
    console.log(values.json ? JSON.stringify(found) : summarize(found));
    return 0;
  } finally {
    release();
  }
}
