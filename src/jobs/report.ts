/** report.json of a run: what was asked, what was decided, what happened. */
import type { JsonObject } from '../artifacts/index.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import type { InitializeResult } from '../engine/index.ts';
import { describeMachine } from '../machine.ts';
import { softwareVersions } from '../version.ts';
import type { HistoryLine } from './history.ts';
import type { PreparedRun } from './prepare.ts';

/** Layers of a posted topology would dwarf the report; the topology itself is in the artifact. */
function withoutTopology(spec: JobSpec): object {
  if (!('topology' in spec.model)) return spec;
  const { topology: _, ...model } = spec.model;
  return { ...spec, model };
}

/** Plain JSON. Times are in it, so that equal runs have equal weights, not equal reports. */
export function buildReport(
  spec: JobSpec,
  prepared: PreparedRun,
  result: InitializeResult,
  history: readonly HistoryLine[],
): JsonObject {
  const { method, options } = { method: prepared.method.method, options: prepared.method.options };
  return JSON.parse(
    JSON.stringify({
      format: 'gradinit-report/1',
      versions: { ...softwareVersions(), tensorflow: result.statistics.tensorflow },
      machine: { ...describeMachine(), device: result.statistics.backend },
      spec: withoutTopology(spec),
      method: { name: method.name, reference: method.reference, options },
      seed: spec.seed,
      decisions: prepared.decisions,
      parameters: (result.patchedTopology ?? prepared.problem.topology).layers.flatMap((layer) =>
        layer.params.map(({ name, shape, group }) => ({ name, shape, group })),
      ),
      scales: result.scales ?? {},
      ...(result.learningRateMultipliers ? { learningRateMultipliers: result.learningRateMultipliers } : {}),
      skipped: result.skipped ?? [],
      findings: result.findings ?? {},
      statistics: result.statistics,
      // The total is the same in every line.
      history: history.map(({ iterations: _, ...line }) => line),
    }),
  ) as JsonObject;
}
