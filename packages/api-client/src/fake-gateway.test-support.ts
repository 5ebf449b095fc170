import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Job } from '@prodigon/contracts';
import { onTestFinished } from 'vitest';
import { createApiClient } from './api-client.ts';

export interface RecordedRequest {
  /** e.g. `GET /api/v1/jobs?limit=2` */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type FakeResponse = (response: ServerResponse, request: RecordedRequest) => void;

export const JOB_ID = '0199a8f0-0000-7000-8000-000000000001';

export const createJobFixture = (values: Partial<Job> = {}): Job => ({
  job_id: JOB_ID,
  name: 'Questions',
  status: 'running',
  cancelling: false,
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: '2026-01-01T00:00:01.000Z',
  completed_at: null,
  expires_at: '2026-01-02T00:00:00.000Z',
  model: null,
  max_tokens: 1024,
  temperature: 0.7,
  system_prompt: null,
  priority: 0,
  total_prompts: 3,
  completed_prompts: 0,
  failed_prompts: 0,
  cancelled_prompts: 0,
  running_prompts: 1,
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  cost_usd: null,
  eta_s: null,
  sequence: 4,
  error: null,
  ...values,
});

export const jsonResponse =
  (value: unknown, status = 200): FakeResponse =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

export const errorResponse = (code: string, status: number, message = 'Because.'): FakeResponse =>
  jsonResponse({ error: { code, message, request_id: 'r' } }, status);

/** Drops the connection without a response. */
export const droppedConnection: FakeResponse = (response) => response.destroy();

/** Starts a server that sends the responses in order, then repeats the last one. */
export async function startFakeGateway(...responses: FakeResponse[]) {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (request, response) => {
    const recorded = {
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: await text(request).catch(() => ''),
    };
    requests.push(recorded);
    responses[Math.min(requests.length, responses.length) - 1]?.(response, recorded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl, requests, client: createApiClient({ baseUrl, apiKey: () => 'a-key' }) };
}
