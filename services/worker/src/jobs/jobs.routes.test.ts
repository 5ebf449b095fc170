import {
  createHttpServer,
  createLogger,
  createMetrics,
  internalCallContexts,
  Lifecycle,
  SUBMISSION_TYPE,
} from '@prodigon/platform';
import type { JobsClient } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jobsRoutes } from './jobs.routes.ts';

const internalToken = 'internal-token-of-the-tests';

async function ask(body: string | Buffer) {
  const createContext = internalCallContexts({
    lifecycle: new Lifecycle({ drainTimeoutMs: 1, farewellMs: 1 }),
    timeoutMs: 60_000,
  });
  const server = await createHttpServer({
    service: 'worker',
    logger: createLogger({ service: 'worker', level: 'fatal', secrets: [] }),
    metrics: createMetrics(),
    access: { apiKeys: [], internalToken, openMetrics: false },
    plugins: [jobsRoutes({ client: {} as JobsClient, createContext })],
  });
  onTestFinished(() => server.close());
  const headers = { authorization: `Bearer ${internalToken}`, 'content-type': SUBMISSION_TYPE };
  const response = await server.inject({ method: 'POST', url: '/internal/v1/jobs', headers, payload: body });
  return [response.statusCode, response.json().error.code];
}

describe('a new job from another service', () => {
  it.each([
    ['is no JSON', '{"options":k}\n', 400, 'INVALID_JSON'],
    ['is noise', Buffer.from([0x1f, 0x8b, 0x0a]), 400, 'INVALID_JSON'],
    ['does not end', '{}', 400, 'BAD_REQUEST'],
    ['says nothing', '{}\n', 422, 'VALIDATION_ERROR'],
  ])('whose first line %s is refused, not taken for a failure of ours', async (_case, body, status, code) => {
    expect(await ask(body)).toEqual([status, code]);
  });
});
