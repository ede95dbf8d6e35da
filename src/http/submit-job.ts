/** Routes that make a job: what the request submits, and the answer with the job as it is now. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { JobRecord } from '../contract/job-state.ts';
import type { Job, SubmitHeaders } from './schemas/job.ts';
import type { Services } from './services.ts';
import { baseUrl, jobView, visibleOwner } from './views.ts';

export interface JobAnswers {
  view(request: FastifyRequest, record: JobRecord): Promise<Job>;
  /**
   * Makes the job of a specification, or finds the one of an earlier request with the same Idempotency-Key.
   *
   * @throws what Submit throws
   */
  submit(
    request: FastifyRequest & { readonly headers: Static<typeof SubmitHeaders> },
    reply: FastifyReply,
    input: unknown,
  ): Promise<Job>;
}

export function jobAnswers({ jobs, submit }: Pick<Services, 'jobs' | 'submit'>, publicUrl: string | null): JobAnswers {
  const view: JobAnswers['view'] = async (request, record) => {
    const position = record.status === 'queued' ? await jobs.position(record.id) : null;
    return jobView(record, position, baseUrl(request, publicUrl));
  };

  return {
    view,
    async submit(request, reply, input) {
      const { record, isReplay } = await submit({
        input,
        owner: request.caller.name,
        visibleOwner: visibleOwner(request.caller),
        idempotencyKey: request.headers['idempotency-key'] ?? null,
      });
      const job = await view(request, record);
      if (isReplay) reply.header('idempotency-replayed', 'true');
      reply.code(202).header('location', `/v1/jobs/${record.id}`);
      return job;
    },
  };
}
