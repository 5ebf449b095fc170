import type { ApiClient } from '@prodigon/api-client';
import type { SeededRandom } from '@prodigon/testing';
import type { AcknowledgedJobs } from '../acknowledged-jobs.ts';
import type { Verdict } from '../verdict.ts';

export interface ActivityContext {
  /** Of the gateway. */
  readonly url: string;
  readonly client: ApiClient;
  readonly random: SeededRandom;
  /** That nobody else has, in this run. */
  readonly prompt: string;
  readonly acknowledgedJobs: AcknowledgedJobs;
  /** Aborted when the load is over: what takes long is not waited for. */
  readonly over: AbortSignal;
}

/** One thing that a caller does, from begin to end. */
export type Activity = (context: ActivityContext) => Promise<Verdict>;

export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  return fetch(url, { method: 'POST', ...init, headers, body: JSON.stringify(body) });
}

export const chatOf = (model: string, prompt: string, stream: boolean) => ({
  model,
  stream,
  messages: [{ role: 'user', content: prompt }],
});
