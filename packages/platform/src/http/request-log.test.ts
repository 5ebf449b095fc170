import { once } from 'node:events';
import { connect } from 'node:net';
import { AppError } from '@prodigon/contracts';
import Fastify, { type FastifyReply } from 'fastify';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { onResponseClosed, recordFailure, requestLog } from './request-log.ts';

const TRACEPARENT = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

async function setUp(level = 'debug', trustedProxies?: readonly string[]) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'test', level, secrets: [], destination });
  const metrics = createMetrics();
  const app = Fastify({ trustProxy: trustedProxies?.length ? [...trustedProxies] : false });
  await app.register(requestLog, { service: 'test', logger, metrics, ...(trustedProxies && { trustedProxies }) });
  onTestFinished(() => app.close());
  const logged = () => lines.map((line) => JSON.parse(line));
  return { app, metrics, logged };
}

describe('the request log', () => {
  it('measures a request from its arrival to the end of its response, in hundredths of a millisecond', async () => {
    const { app, metrics, logged } = await setUp();
    vi.advanceTimersByTime(5_000);
    app.get('/things/:id', async ({ record }) => {
      vi.advanceTimersByTime(1_234.567);
      record.model = 'm';
      return 'a thing';
    });
    const headers = { traceparent: TRACEPARENT };
    const response = await app.inject({ url: '/things/7?key=secret', headers });
    expect(response.headers).toMatchObject({ 'x-request-id': 'req-1', 'x-process-time': '1234.57ms' });
    expect(logged()).toMatchObject([
      {
        level: 30,
        request_id: 'req-1',
        trace_id: 'a1'.repeat(16),
        method: 'GET',
        route: '/things/:id',
        status: 200,
        duration_ms: 1_234.57,
        model: 'm',
        msg: 'GET /things/:id 200',
      },
    ]);
    const text = await metrics.registry.metrics();
    expect(text).toContain('http_requests_total{service="test",route="/things/:id",method="GET",status="200"} 1');
    expect(text).toMatch(/http_request_duration_seconds_sum\{service="test",route="\/things\/:id",method="GET"\} 1\.234567/);
  });

  it.each([
    { proxies: undefined, address: undefined },
    { proxies: [], address: '127.0.0.1' },
    { proxies: ['10.0.0.0/8'], address: '127.0.0.1' },
    // The nearest address that no trusted proxy has. Clients can write the others.
    { proxies: ['127.0.0.1', '10.0.0.0/8'], address: '203.0.113.7' },
  ])('has the client address $address with the trusted proxies $proxies', async ({ proxies, address }) => {
    const { app, logged } = await setUp('debug', proxies);
    app.get('/', async () => '');
    await app.inject({ url: '/', headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.7, 10.1.2.3' } });
    expect(logged()[0]).toHaveProperty('msg');
    expect(logged()[0].client_address).toBe(address);
  });

  it('separates the additional fields of concurrent requests', async () => {
    const { app, logged } = await setUp();
    app.get('/:name', async ({ record, params }) => {
      record[(params as { name: string }).name] = true;
      return '';
    });
    await Promise.all([app.inject('/first'), app.inject('/second')]);
    expect(logged().map(({ first, second }) => [first, second])).toEqual([
      [true, undefined],
      [undefined, true],
    ]);
  });

  it.each(['/health', '/livez', '/readyz', '/metrics'])('has level debug for probes of %s', async (path) => {
    const { app, logged } = await setUp();
    app.get(path, async () => '');
    await app.inject(path);
    expect(logged()).toMatchObject([{ level: 20 }]);
  });

  it.each([
    ['INFERENCE_ERROR', 50, { cause: 'Error' }],
    ['INTERNAL_ERROR', 50, { err: expect.objectContaining({ type: 'Error' }) }],
    ['NOT_FOUND', 30, {}],
  ] as const)('has the code and the reason of a request that failed with %s', async (code, level, cause) => {
    const { app, logged } = await setUp('info');
    app.get('/failing', async (request, reply) => {
      const { status } = recordFailure(request, new AppError(code, 'It failed.', { cause: new Error('reset') }));
      return reply.code(status).send();
    });
    await app.inject('/failing');
    expect(logged()).toMatchObject([{ level, code, reason: 'It failed.', ...cause }]);
  });

  it('counts unknown paths under one route, so that clients cannot create metrics', async () => {
    const { app, metrics } = await setUp();
    await app.inject('/nothing');
    expect(await metrics.registry.metrics()).toContain('route="none",method="GET",status="404"} 1');
  });

  it('counts status 499 when the client disconnects before the response has ended', async () => {
    const { app, metrics, logged } = await setUp();
    const closed = Promise.withResolvers<void>();
    app.get('/slow', (_request, reply) => onResponseClosed(reply, closed.resolve));
    const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(port), '127.0.0.1');
    const arrived = once(app.server, 'request');
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await arrived;
    socket.destroy();
    await closed.promise;
    expect(logged()).toMatchObject([{ level: 30, status: 499 }]);
    expect(await metrics.registry.metrics()).toContain('route="/slow",method="GET",status="499"} 1');
  });
});

describe('onResponseClosed', () => {
  it('calls back once when the response closes, or immediately when it is closed already', async () => {
    const { app } = await setUp();
    const callback = vi.fn();
    const replies: FastifyReply[] = [];
    app.get('/', async (_request, reply) => {
      onResponseClosed(reply, callback);
      replies.push(reply);
      expect(callback).not.toHaveBeenCalled();
      return '';
    });
    await app.inject('/');
    expect(callback).toHaveBeenCalledOnce();
    for (const reply of replies) onResponseClosed(reply, callback);
    expect(callback).toHaveBeenCalledTimes(2);
  });
});

describe('recordFailure', () => {
  it('stores any thrown value as an AppError', async () => {
    const { app } = await setUp();
    const failures: unknown[] = [];
    app.get('/', async (request) => {
      const cause = new Error('thrown');
      failures.push(request.failure, recordFailure(request, cause).cause === cause, request.failure?.code);
      return '';
    });
    await app.inject('/');
    expect(failures).toEqual([undefined, true, 'INTERNAL_ERROR']);
  });
});
