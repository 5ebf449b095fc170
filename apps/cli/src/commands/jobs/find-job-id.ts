import type { ApiClient } from '@prodigon/api-client';
import { AppError, JOB_LIMITS } from '@prodigon/contracts';
import { UsageError } from '../../command.ts';

const WHOLE_ID_CHARACTERS = 36;
const PREFIX_CHARACTERS_MIN = 6;

/** The id that `positionals` name, whole or by its beginning. Throws a `UsageError` for none, several or half of one. */
export async function findJobId(client: ApiClient, positionals: readonly string[]): Promise<string> {
  const [text, ...others] = positionals;
  if (text === undefined || others.length > 0) throw new UsageError('Name one job by its id.');
  const prefix = text.toLowerCase();
  if (!/^[0-9a-f-]+$/.test(prefix) || prefix.length > WHOLE_ID_CHARACTERS)
    throw new UsageError(`"${text}" is not the id of a job.`);
  if (prefix.length === WHOLE_ID_CHARACTERS) return prefix;
  if (prefix.length < PREFIX_CHARACTERS_MIN) throw new UsageError(`Give at least ${PREFIX_CHARACTERS_MIN} characters of the id.`);
  const { jobs } = await client.jobs.list({ limit: JOB_LIMITS.pageMax });
  const found = jobs.filter(({ job_id: id }) => id.startsWith(prefix));
  const [only] = found;
  if (!only)
    throw new AppError('JOB_NOT_FOUND', `None of the ${JOB_LIMITS.pageMax} newest jobs has an id that begins with ${prefix}.`);
  if (found.length > 1)
    throw new UsageError(
      `Several ids begin so: ${found
        .slice(0, 5)
        .map(({ job_id: id }) => id)
        .join(', ')}. Give more of it.`,
    );
  return only.job_id;
}
