import { JOB_STATUSES, type JobListQuery, type JobStatus } from '@prodigon/contracts';

export const PAGE_SIZE = 20;

/** What the list shows, as its URL says it. Parameters that are not ours or make no sense do not count. */
export function listQueryOf(parameters: URLSearchParams): JobListQuery {
  const status = parameters.get('status');
  const after = parameters.get('after');
  const q = parameters.get('q')?.trim().slice(0, 200);
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
