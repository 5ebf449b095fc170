import type { ApiClient } from '@prodigon/api-client';
import type { SeededRandom } from '@prodigon/testing';
import type { AcknowledgedJobs } from '../acknowledged-jobs.ts';
import type { Verdict } from '../verdict.ts';

export interface ActivityContext {
  /** The URL of the gateway. */
  readonly url: string;
  readonly client: ApiClient;
  readonly random: SeededRandom;
  /** A prompt that is unique within the run. */
  readonly prompt: string;
  readonly acknowledgedJobs: AcknowledgedJobs;
  /** Aborts at the end of the load, which ends long activities. */
  readonly over: AbortSignal;
}

/** One interaction of a client with the platform. */
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
