import type { ApiClient } from '@prodigon/api-client';
import { AppError, JOB_LIMITS } from '@prodigon/contracts';
import { findId } from '../../find-id.ts';
import { UsageError } from '../../usage-error.ts';

/** Returns the id of the job that `positionals` name by the whole, the start or the end of its id. Throws a `UsageError` unless they name exactly one. */
export async function findJobId(client: ApiClient, positionals: readonly string[]): Promise<string> {
  const [text, ...others] = positionals;
  if (text === undefined || others.length > 0) throw new UsageError('Give the id of one job.');
  return findId(text, {
    noun: 'job',
    newestMax: JOB_LIMITS.pageMax,
    newestIds: async () => (await client.jobs.list({ limit: JOB_LIMITS.pageMax })).jobs.map(({ job_id: id }) => id),
    notFound: (message) => new AppError('JOB_NOT_FOUND', message),
  });
}
