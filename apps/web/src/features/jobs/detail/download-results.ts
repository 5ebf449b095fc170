import type { JobResultsQuery } from '@prodigon/contracts';
import { storedApiKey } from '../../../api/access-store.ts';
import { api } from '../../../api/api.ts';

type Outcome = JobResultsQuery['outcome'];

export function resultsPath(jobId: string, outcome: Outcome): string {
  return `/api/v1/jobs/${jobId}/results.jsonl?outcome=${outcome}`;
}

export function resultsName(jobId: string, outcome: Outcome): string {
  return `${jobId}-${outcome === 'failed' ? 'errors' : 'results'}.jsonl`;
}

/** Whether a plain link will not do, since a link cannot carry the key. */
export function needsKey(): boolean {
  return storedApiKey() !== undefined;
}

/** Fetches the results with the key of this tab and hands them to the browser as a file. */
export async function saveResults(jobId: string, outcome: Outcome): Promise<void> {
  const parts: BlobPart[] = [];
  for await (const part of api.jobs.results(jobId, outcome)) parts.push(new Uint8Array(part));
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = resultsName(jobId, outcome);
  link.click();
  URL.revokeObjectURL(url);
}
