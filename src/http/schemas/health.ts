/** Health of the service. */
import { type Static, Type } from 'typebox';
import { nullable, strict } from './common.ts';

const Check = strict({ ok: Type.Boolean(), detail: nullable(Type.String()) });

export const Liveness = strict(
  { live: Type.Literal(true), version: Type.String() },
  { description: 'The process answers.' },
);

export const Readiness = strict(
  {
    ready: Type.Boolean({ description: 'Jobs are taken, and somebody runs them.' }),
    checks: strict({ redis: Check, store: Check, workers: Check }),
    workers: Type.Array(
      strict({
        name: Type.String(),
        startedAt: Type.String(),
        devices: Type.Array(
          strict({
            name: Type.String(),
            backend: nullable(Type.String({ description: 'null while TensorFlow is being loaded.' })),
            busy: Type.Boolean(),
          }),
        ),
      }),
    ),
    warnings: Type.Array(Type.String(), { description: 'What works and should still be known: jobs on the CPU, say.' }),
  },
  { description: 'Whether jobs are taken and run, and by whom.' },
);
export type Readiness = Static<typeof Readiness>;
