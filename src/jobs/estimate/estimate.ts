/**
 * How long a job will take and how much memory, from what workers measured of such runs:
 *
 *   seconds = median over the measurements of   other + secondsPerIteration x iterations + secondsPerEpoch x epochs
 */

import type { JobSpec } from '../../contract/job-spec.ts';
import { epochsRun } from '../../contract/training-protocol.ts';
import type { Examination } from '../examine/examine.ts';
import { type Measurement, workKey } from './measure.ts';

export interface StoredMeasurement extends Measurement {
  readonly device: string;
}

/** Throws QUEUE_UNAVAILABLE. */
export interface MeasurementStore {
  read(key: string): Promise<StoredMeasurement[]>;
}

export interface DeviceEstimate {
  readonly device: string;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly measurements: number;
}

export interface Estimate {
  readonly devices: readonly DeviceEstimate[];
  /** Why there is none; null when there is one. */
  readonly reason: string | null;
}

export type EstimateRun = (spec: JobSpec, examination: Examination) => Promise<Estimate>;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
};

function secondsOf(measured: Measurement, { method }: Pick<Examination, 'method'>, { training }: JobSpec): number {
  const { asked, iterations, secondsPerIteration, secondsPerEpoch, otherSeconds } = measured;
  const wanted = method.options.iterations;
  const factor = asked !== null && asked > 0 && typeof wanted === 'number' ? wanted / asked : 1;
  const epochs = training === undefined ? 0 : epochsRun(training);
  return otherSeconds + secondsPerIteration * iterations * factor + secondsPerEpoch * epochs;
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10;

export function createEstimate(store: MeasurementStore): EstimateRun {
  return async (spec, examination) => {
    const { model, method } = examination;
    if (model === null) return { devices: [], reason: 'the model could not be read' };
    const measured = await store.read(workKey({ layers: model.layers, method, spec }));
    const names = [...new Set(measured.map(({ device }) => device))].sort();
    const devices = names.map((device): DeviceEstimate => {
      const own = measured.filter((measurement) => measurement.device === device);
      return {
        device,
        seconds: tenths(median(own.map((measurement) => secondsOf(measurement, examination, spec)))),
        peakMemoryBytes: Math.max(...own.map(({ peakBytes }) => peakBytes)),
        measurements: own.length,
      };
    });
    const reason = 'no worker has finished a run of this network with this method and these options yet';
    return { devices, reason: devices.length === 0 ? reason : null };
  };
}
