import type { ApiClient } from '@prodigon/api-client';
import { type JobResultLine, jobResultLineSchema } from '@prodigon/contracts';

/** Downloads and parses the complete `results.jsonl` of a job. */
export async function readResults({ jobs }: ApiClient, jobId: string, signal?: AbortSignal): Promise<JobResultLine[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of jobs.results(jobId, 'all', signal)) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => jobResultLineSchema.parse(JSON.parse(line)));
}
