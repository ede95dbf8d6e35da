/** The result of a dry run. */
import { type Static, Type } from 'typebox';
import { DatasetDescription } from '../../jobs/inspect/describe-dataset.ts';
import { Bytes, nullable, strict } from './common.ts';

const Extent = nullable(Type.Integer());

const Work = strict({ iterations: Type.Integer(), trainingSteps: Type.Integer() });

export const ValidationResult = strict(
  {
    valid: Type.Boolean(),
    problems: Type.Array(strict({ code: Type.String(), pointer: Type.String(), message: Type.String() }), {
      description: 'Everything that would keep the job from being accepted.',
    }),
    model: nullable(
      strict({
        name: Type.String(),
        format: Type.String(),
        head: Type.String({ description: 'The activation that ends the model; the loss works on logits.' }),
        parameters: strict({ total: Type.Integer(), trainable: Type.Integer() }),
        layers: Type.Array(
          strict({
            name: Type.String(),
            className: Type.String(),
            outputShape: Type.Array(Extent),
            parameters: Type.Integer(),
          }),
        ),
      }),
    ),
    memory: nullable(
      strict(
        {
          batchSize: Type.Integer(),
          parametersBytes: Bytes,
          activationsBytes: Bytes,
          secondOrderStepBytes: Bytes,
        },
        { description: 'Estimated, of one step.' },
      ),
    ),
    estimate: strict(
      {
        devices: Type.Array(
          strict({
            device: Type.String(),
            seconds: Type.Number({ description: 'From the start to the published artifact, without waiting.' }),
            peakMemoryBytes: Type.Integer({ description: 'Largest resident memory of the process that computed.' }),
            measurements: Type.Integer({
              description: 'Finished runs that this comes from; the median of their rates.',
            }),
          }),
        ),
        reason: nullable(Type.String({ description: 'Why there is no estimate.' })),
      },
      { description: 'From what workers measured of runs of this network with this method and these options.' },
    ),
    method: nullable(
      strict({
        name: Type.String(),
        applicable: nullable(Type.Boolean({ description: 'null when the model could not be read.' })),
        reason: nullable(Type.String()),
        options: Type.Record(Type.String(), Type.Unknown(), { description: 'With every default filled in.' }),
        cost: nullable(
          strict(
            { least: Work, most: Work },
            {
              description: 'What a search takes at least (its gate answers) and at most; null for methods without one.',
            },
          ),
        ),
      }),
    ),
    dataset: nullable(DatasetDescription),
    loss: nullable(strict({ name: Type.String(), reason: Type.String() })),
  },
  { description: 'null stands for what could not be found out.' },
);
export type ValidationResult = Static<typeof ValidationResult>;
