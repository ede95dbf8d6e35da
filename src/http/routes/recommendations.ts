/** Recommendations: which initialisation, if any, a model needs on its data. Each is a job of the method recommend; its report has the answer. */
import { jobOfRecommendation, RecommendationSpec, recommendationPointer } from '../../contract/recommendation-spec.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { Job, SubmitHeaders } from '../schemas/job.ts';
import type { HttpOptions, Services } from '../services.ts';
import { baseUrl, jobView, visibleOwner } from '../views.ts';

export function recommendationRoutes(app: App, { submit, jobs }: Services, { publicUrl }: HttpOptions): void {
  app.post('/v1/recommendations', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['jobs'],
      summary: 'Ask which initialisation a model needs, if any',
      description:
        'Makes a job that diagnoses the model on its data, tries every method that applies in short paired trainings, and answers "use" or "keep" under findings.recommendation of its report; its weights are the recommended ones.',
      headers: SubmitHeaders,
      body: RecommendationSpec,
      response: { 202: Job, ...commonProblems, 413: problems[413], 415: problems[415], 422: problems[422] },
    },
    async handler(request, reply) {
      const { record, isReplay } = await placed(() =>
        submit({
          input: jobOfRecommendation(request.body),
          owner: request.caller.name,
          visibleOwner: visibleOwner(request.caller),
          idempotencyKey: request.headers['idempotency-key'] ?? null,
        }),
      );
      if (isReplay) reply.header('idempotency-replayed', 'true');
      const position = record.status === 'queued' ? await jobs.position(record.id) : null;
      const job = jobView(record, position, baseUrl(request, publicUrl));
      return reply.code(202).header('location', `/v1/jobs/${record.id}`).send(job);
    },
  });
}

/** Problems of the job at their places in the recommendation. */
async function placed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.problems.length === 0) throw thrown;
    const { code, message, details, permanent } = thrown;
    const moved = thrown.problems.map((problem) => ({ ...problem, pointer: recommendationPointer(problem.pointer) }));
    throw new AppError(code, message, { problems: moved, details, permanent, cause: thrown });
  }
}
