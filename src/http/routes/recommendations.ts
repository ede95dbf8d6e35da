/** Recommendations: which initialisation, if any, a model needs on its data. Each is a job of the method recommend; its report has the answer. */
import { jobOfRecommendation, RecommendationSpec, recommendationPointer } from '../../contract/recommendation-spec.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { Job, SubmitHeaders } from '../schemas/job.ts';
import type { HttpOptions, Services } from '../services.ts';
import { jobAnswers } from '../submit-job.ts';

export function recommendationRoutes(app: App, services: Services, { publicUrl }: HttpOptions): void {
  const { submit } = jobAnswers(services, publicUrl);

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
    handler: (request, reply) => placed(() => submit(request, reply, jobOfRecommendation(request.body))),
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
