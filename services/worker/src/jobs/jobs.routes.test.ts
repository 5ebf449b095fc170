import {
  createHttpServer,
  createInternalContextFactory,
  createLifecycle,
  createLogger,
  createMetrics,
  SUBMISSION_TYPE,
} from '@prodigon/platform';
import type { JobsClient } from '@prodigon/ports';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jobsRoutes } from './jobs.routes.ts';

const internalToken = 'internal-token-of-the-tests';

async function send(method: 'GET' | 'POST', path: string, body?: string | Buffer) {
  const createContext = createInternalContextFactory({
    lifecycle: createLifecycle({ drainTimeoutMs: 1, graceMs: 1 }),
    timeoutMs: 60_000,
  });
  const server = await createHttpServer({
    service: 'worker',
    logger: createLogger({ service: 'worker', level: 'fatal', secrets: [] }),
    metrics: createMetrics(),
    authentication: { apiKeys: [], internalToken, openMetrics: false },
    plugins: [jobsRoutes({ client: {} as JobsClient, createContext })],
  });
  onTestFinished(() => server.close());
  const headers = { authorization: `Bearer ${internalToken}`, 'content-type': SUBMISSION_TYPE };
  const response = await server.inject({ method, url: `/internal/v1/jobs${path}`, headers, ...(body && { payload: body }) });
  return [response.statusCode, response.json().error.code];
}

describe('POST /internal/v1/jobs', () => {
  it.each([
    ['is not JSON', '{"options":k}\n', 400, 'INVALID_JSON'],
    ['is binary', Buffer.from([0x1f, 0x8b, 0x0a]), 400, 'INVALID_JSON'],
    ['has no end', '{}', 400, 'BAD_REQUEST'],
    ['is empty', '{}\n', 422, 'VALIDATION_ERROR'],
  ])('rejects a submission whose first line %s', async (_case, body, status, code) => {
    expect(await send('POST', '', body)).toEqual([status, code]);
  });
});

describe('GET /internal/v1/jobs/{id}/events', () => {
  it.each(['sequence=1.5', 'sequence=-1', 'sequence=1e300', 'sequence=1&index=0.5', 'sequence=1&index=-1', 'sequence=x'])(
    'rejects the position %s before it queries the database',
    async (query) => {
      expect(await send('GET', `/0199a8f0-0000-7000-8000-000000000001/events?${query}`)).toEqual([422, 'VALIDATION_ERROR']);
    },
  );
});
