import { cutText, JOB_STATUSES, type JobListQuery, type JobStatus } from '@prodigon/contracts';

export const PAGE_SIZE = 20;
const SEARCH_CHARACTERS_MAX = 200;

/** Reads the query of the job list from the URL. Unknown parameters and invalid values are ignored. */
export function jobListQuery(parameters: URLSearchParams): JobListQuery {
  const status = parameters.get('status');
  const after = parameters.get('after');
  const q = cutText(parameters.get('q')?.trim() ?? '', SEARCH_CHARACTERS_MAX, '');
  return {
    limit: PAGE_SIZE,
    ...(isJobStatus(status) && { status }),
    ...(after && UUID.test(after) && { after }),
    ...(q && { q }),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isJobStatus(text: string | null): text is JobStatus {
  return JOB_STATUSES.some((status) => status === text);
}
