/** The machine that a run was computed on, for reports: times mean nothing without it. */
import os from 'node:os';
import { usableCores } from './cores.ts';

export interface Machine {
  /** As the processor names itself, for example AMD EPYC 7B13. */
  readonly processor: string;
  /** Those that the process may keep busy. */
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
