/** The dry run of a job: what it would do, and every problem that prevents it. */
import type { FastifyRequest } from 'fastify';
import { JobSpec, parseJobSpec } from '../../contract/job-spec.ts';
import { AppError } from '../../errors.ts';
import { problemsOf, type SpecProblem } from '../../jobs/check/problems.ts';
import type { Estimate } from '../../jobs/estimate/estimate.ts';
import type { Examination } from '../../jobs/examine/examine.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { ValidationResult } from '../schemas/validation.ts';
import type { Services } from '../services.ts';
import { visibleOwner } from '../views.ts';

export function validateRoute(app: App, { examine, estimate, webhooks }: Services): void {
  app.post('/v1/jobs/validate', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['jobs'],
      summary: 'Dry run: layers, parameters, memory, applicability, and every problem with its JSON pointer',
      description:
        'Takes the body of a job and makes none. A body that would be refused is answered with 200, `valid: false` and all problems at once.',
      body: JobSpec,
      response: { 200: ValidationResult, ...commonProblems, 413: problems[413], 415: problems[415] },
    },
    handler: async (request) => validate(request),
  });

  async function validate(request: FastifyRequest): Promise<ValidationResult> {
    const parsed = parse(request.body);
    if ('problems' in parsed) return { ...nothing, problems: parsed.problems };
    const { spec } = parsed;
    const examination = await examine(spec, visibleOwner(request.caller));
    const hooks = spec.webhook ? await webhooks.problems(spec.webhook, request.caller.name, '/webhook') : [];
    const problemsFound = [...examination.problems, ...hooks];
    return view({ ...examination, problems: problemsFound }, await estimate(spec, examination));
  }
}

const noEstimate = { devices: [], reason: 'the request could not be read' };
const nothing = {
  valid: false,
  estimate: noEstimate,
  model: null,
  memory: null,
  method: null,
  dataset: null,
  loss: null,
};

function parse(body: unknown): { spec: JobSpec } | { problems: SpecProblem[] } {
  try {
    return { spec: parseJobSpec(body) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { problems: problemsOf(error, '') };
  }
}

function view(
  { problems: found, model, memory, method, dataset, loss }: Examination,
  { devices, reason }: Estimate,
): ValidationResult {
  const refusal = found.find(({ code }) => code === 'METHOD_NOT_APPLICABLE');
  const { batchSize } = method.options;
  return {
    valid: found.length === 0,
    estimate: { devices: devices.map((device) => ({ ...device })), reason },
    problems: found.map(({ code, pointer, message }) => ({ code, pointer, message })),
    model: model && {
      name: model.name,
      format: model.format,
      head: model.head,
      parameters: { total: model.totalParameters, trainable: model.trainableParameters },
      layers: model.layers.map(({ name, className, outputShape, params }) => ({
        name,
        className,
        outputShape: [...outputShape],
        parameters: params,
      })),
    },
    memory: memory && {
      batchSize: typeof batchSize === 'number' ? batchSize : 1,
      parametersBytes: memory.params,
      activationsBytes: memory.activations,
      secondOrderStepBytes: memory.secondOrderStep,
    },
    method: {
      name: method.method.name,
      applicable: model === null && refusal === undefined ? null : refusal === undefined,
      reason: refusal?.message ?? null,
      options: { ...method.options },
      cost: method.method.cost?.(method.options as never) ?? null,
    },
    dataset,
    loss: loss && { name: loss.name, reason: loss.reason },
  };
}
