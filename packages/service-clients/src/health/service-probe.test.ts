import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import type { Readiness } from '@prodigon/contracts';
import type { ProbeResult } from '@prodigon/ports';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LookUpAddresses } from '../transport/host-addresses.ts';
import { createHttpServiceProbe, createLocalServiceProbe } from './service-probe.ts';

const NOT_DRAINING = { name: 'not draining', ok: true, required: true };
const READINESS: Readiness = {
  status: 'ok',
  service: 'model',
  version: '1.2.3',
  environment: 'test',
  pid: 4,
  uptime_s: 5.6,
  ready: true,
  checks: [NOT_DRAINING],
};
const DATABASE_DOWN = { name: 'database', ok: false, required: true, detail: 'The database is unreachable.' };
const DATABASE_UNREACHABLE: Readiness = { ...READINESS, ready: false, checks: [NOT_DRAINING, DATABASE_DOWN] };
const NOT_MEASURED = { latency_ms: null, version: null, uptime_s: null, pid: null };
const signal = new AbortController().signal;

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const listenWith = (respond: RequestListener) => listen(createServer(respond));
async function check(url: string, timeoutMs?: number): Promise<ProbeResult> {
  const probe = createHttpServiceProbe({ name: 'model', urls: [url], ...(timeoutMs !== undefined && { timeoutMs }) });
  const [result] = await probe.check(signal);
  if (!result) throw new Error('The probe has no result.');
  return result;
}

describe('a probe over HTTP', () => {
  it('reports the readiness of the service and the duration of the round trip in hundredths of a millisecond', async () => {
    const headers: unknown[] = [];
    const url = await listenWith((request, response) => {
      headers.push([request.url, request.headers.connection]);
      vi.advanceTimersByTime(1.2345);
      response.end(JSON.stringify(READINESS));
    });
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const {
      status: { checked_at, ...status },
      dependencies,
    } = await check(url);
    const measured = { latency_ms: 1.23, version: '1.2.3', uptime_s: 5.6, pid: 4 };
    expect(status).toEqual({ name: 'model', status: 'up', ...measured, detail: null });
    expect(new Date(checked_at).toISOString()).toBe(checked_at);
    expect(headers).toEqual([['/readyz', 'close']]);
    expect(dependencies).toEqual([]);
  });

  it('reports the name of the container of the service', async () => {
    const url = await listenWith((_request, response) =>
      response.end(JSON.stringify({ ...READINESS, pid: 1, hostname: 'c0ffee' })),
    );
    expect((await check(url)).status).toMatchObject({ pid: 1, hostname: 'c0ffee' });
  });

  it('reports a service that drains', async () => {
    const body = { ...DATABASE_UNREACHABLE, status: 'draining' };
    const url = await listenWith((_request, response) => response.writeHead(503).end(JSON.stringify(body)));
    expect((await check(url)).status).toMatchObject({ status: 'draining', version: '1.2.3', detail: null });
  });

  it('reports a service that runs without a dependency that it requires, with the reason', async () => {
    const url = await listenWith((_request, response) => response.writeHead(503).end(JSON.stringify(DATABASE_UNREACHABLE)));
    const { status, dependencies } = await check(url);
    expect(status).toMatchObject({ status: 'unready', pid: 4, detail: 'The database is unreachable.' });
    expect(dependencies).toEqual([DATABASE_DOWN]);
  });

  it('reports a service that is ready without a dependency as up', async () => {
    const dependency = { ...DATABASE_DOWN, required: false };
    const url = await listenWith((_request, response) =>
      response.end(JSON.stringify({ ...READINESS, checks: [NOT_DRAINING, dependency] })),
    );
    expect(await check(url)).toMatchObject({ status: { status: 'up', detail: null }, dependencies: [dependency] });
  });

  it.each([
    [
      'responds with HTML',
      ((_request, response) => response.end('<html>')) as RequestListener,
      undefined,
      'Another program listens at its address.',
    ],
    [
      'responds with other JSON',
      ((_request, response) => response.end('{}')) as RequestListener,
      undefined,
      'Another program listens at its address.',
    ],
    ['does not respond', (() => {}) as RequestListener, 20, 'The service did not respond within 20 ms.'],
  ])('reports a service that %s as down', async (_case, respond, timeoutMs, detail) => {
    expect(await check(await listenWith(respond), timeoutMs)).toMatchObject({
      status: { ...NOT_MEASURED, name: 'model', status: 'down', detail },
      isTimeout: timeoutMs !== undefined,
    });
  });

  it('reports a connection that breaks and an address without a process as down', async () => {
    const broken = await listen(createTcpServer((socket) => socket.destroy()));
    expect((await check(broken)).status).toMatchObject({ status: 'down', detail: 'The connection broke before the response.' });
    const closed = createTcpServer();
    const url = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect((await check(url)).status).toMatchObject({ status: 'down', detail: 'No process listens at its address.' });
  });
});

describe('a probe of several replicas', () => {
  const namesOf = async (urls: readonly string[], lookUp?: LookUpAddresses) => {
    const results = await createHttpServiceProbe({ name: 'model', urls, ...(lookUp && { lookUp }) }).check(signal);
    return results.map(({ status }) => status.name);
  };

  it('numbers them from 1, and does not number one alone', async () => {
    expect(await namesOf(['http://127.0.0.1:1'])).toEqual(['model']);
    expect(await namesOf(['http://127.0.0.1:1', 'http://127.0.0.1:2'])).toEqual(['model 1', 'model 2']);
    expect(await namesOf([])).toEqual([]);
  });

  it('requests each address of a host name, with the name in the Host header', async () => {
    const hosts: unknown[] = [];
    const url = await listenWith(({ headers }, response) => {
      hosts.push(headers.host);
      response.end(JSON.stringify(READINESS));
    });
    const { port } = new URL(url);
    const lookUp = vi.fn(async () => ['127.0.0.1', '127.0.0.2']);
    const probe = createHttpServiceProbe({ name: 'model', urls: [`http://model.example.com:${port}`], lookUp });
    const results = await probe.check(signal);
    // Nothing listens at the second address.
    expect(results.map(({ status: { name, status } }) => [name, status])).toEqual([
      ['model 1', 'up'],
      ['model 2', 'down'],
    ]);
    expect(lookUp.mock.calls).toEqual([['model.example.com']]);
    expect(hosts).toEqual([`model.example.com:${port}`]);
  });

  it('reports a host name without an address as down', async () => {
    const lookUp = async () => Promise.reject(new Error('ENOTFOUND'));
    const probe = createHttpServiceProbe({ name: 'model', urls: ['http://model.invalid'], lookUp });
    expect((await probe.check(signal)).map(({ status: { name, status, detail } }) => [name, status, detail])).toEqual([
      ['model', 'down', 'Its host name cannot be resolved.'],
    ]);
  });
});

describe('a probe of /health', () => {
  it('reports the status of a gateway without its dependencies', async () => {
    const { checks: _checks, ready: _ready, ...health } = { ...READINESS, service: 'gateway' };
    const paths: unknown[] = [];
    const respondWith = (status: 'ok' | 'draining') =>
      listenWith((request, response) => {
        paths.push(request.url);
        response.end(JSON.stringify({ ...health, status }));
      });
    const urls = [await respondWith('ok'), await respondWith('draining')];
    const results = await createHttpServiceProbe({ name: 'gateway', urls, path: '/health' }).check(signal);
    expect(results.map(({ status: { name, status, pid } }) => [name, status, pid])).toEqual([
      ['gateway 1', 'up', 4],
      ['gateway 2', 'draining', 4],
    ]);
    expect(results.flatMap(({ dependencies }) => dependencies)).toEqual([]);
    expect(paths).toEqual(['/health', '/health']);
  });
});

describe('a probe of a service in the same process', () => {
  it.each([
    ['ok', 'up'],
    ['draining', 'draining'],
  ] as const)('reports the status %s as %s, without a latency', async (status, expected) => {
    const probe = createLocalServiceProbe({ name: 'worker', readiness: async () => ({ ...READINESS, status }) });
    const [result] = await probe.check(signal);
    const { checked_at = '', ...rest } = result?.status ?? {};
    expect(rest).toEqual({
      name: 'worker',
      status: expected,
      latency_ms: null,
      version: '1.2.3',
      uptime_s: 5.6,
      pid: 4,
      detail: null,
    });
    expect(new Date(checked_at).toISOString()).toBe(checked_at);
  });
});
