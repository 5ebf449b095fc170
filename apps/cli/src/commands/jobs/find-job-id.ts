import type { ApiClient } from '@prodigon/api-client';
import { AppError, JOB_LIMITS } from '@prodigon/contracts';
import { UsageError } from '../../usage-error.ts';

const ID_CHARACTERS = 36;
const PART_CHARACTERS_MIN = 6;

/** Returns the id of the job that `positionals` name by the whole, the start or the end of its id. Throws a `UsageError` unless they name exactly one. */
export async function findJobId(client: ApiClient, positionals: readonly string[]): Promise<string> {
  const [text, ...others] = positionals;
  if (text === undefined || others.length > 0) throw new UsageError('Give the id of one job.');
  const part = text.toLowerCase();
  if (!/^[0-9a-f-]+$/.test(part) || part.length > ID_CHARACTERS) throw new UsageError(`"${text}" is not a job id.`);
  if (part.length === ID_CHARACTERS) return part;
  if (part.length < PART_CHARACTERS_MIN) throw new UsageError(`Give at least ${PART_CHARACTERS_MIN} characters of the id.`);
  const { jobs } = await client.jobs.list({ limit: JOB_LIMITS.pageMax });
  const found = jobs.filter(({ job_id: id }) => id.startsWith(part) || id.endsWith(part));
  const [only] = found;
  if (!only) throw new AppError('JOB_NOT_FOUND', `No id of the ${JOB_LIMITS.pageMax} newest jobs begins or ends with ${part}.`);
  if (found.length > 1)
    throw new UsageError(
      `Several job ids begin or end with ${part}: ${found
        .slice(0, 5)
        .map(({ job_id: id }) => id)
        .join(', ')}. Give more characters.`,
    );
  return only.job_id;
}
