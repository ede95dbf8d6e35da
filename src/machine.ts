/** Describes the machine of a run for reports, because durations are only comparable on equal machines. */
import os from 'node:os';
import { usableCores } from './cores.ts';

export interface Machine {
  /** Name that the processor reports, for example AMD EPYC 7B13. */
  readonly processor: string;
  /** Number of cores that the process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
}

export const describeMachine = (): Machine => ({
  processor: os.cpus()[0]?.model.trim() || os.arch(),
  cores: usableCores(),
  memoryBytes: os.totalmem(),
  system: `${os.type()} ${os.release()}`,
});
