import { WORKSHOP_OPERATIONS } from '@prodigon/contracts/workshop';
import { createHttpServer, createInternalContextFactory, createLifecycle, createLogger, createMetrics } from '@prodigon/platform';
import type { CallContext, LabCall, LabClient } from '@prodigon/ports';
import { createHttp2Transport, createRemoteLabClient } from '@prodigon/service-clients';
import { describe, expect, it, onTestFinished } from 'vitest';
import { labRoutes } from './lab.routes.ts';

const internalToken = 'token-of-these-tests-0123';

async function startServer(client: Partial<LabClient>) {
  const lifecycle = createLifecycle({ drainTimeoutMs: 1 });
  const createContext = createInternalContextFactory({ lifecycle, timeoutMs: 60_000 });
  const server = await createHttpServer({
    service: 'lab',
    logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
    metrics: createMetrics(),
    authentication: { internalToken, openMetrics: false },
    http2: true,
    plugins: [labRoutes({ client: client as LabClient, createContext })],
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const transport = createHttp2Transport({ baseUrl: url, connectTimeoutMs: 5_000 });
  onTestFinished(async () => {
    await transport.close();
    await server.close();
  });
  return { server, remote: createRemoteLabClient({ transport, internalToken }) };
}

const contextOf = (signal = new AbortController().signal): CallContext => ({
  ...{ requestId: 'r1', traceparent: '', principal: { id: 'local' }, deadline: performance.now() + 60_000, signal },
});

describe('the routes of the lab service', () => {
  it('return 401 without the internal token', async () => {
    const { server } = await startServer({});
    for (const { method, path } of Object.values(WORKSHOP_OPERATIONS)) {
      const { statusCode } = await server.inject({ method, url: path.replace('/api/', '/internal/') });
      expect([path, statusCode]).toEqual([path, 401]);
    }
  });

  it('pass the parameters and the body of a call, and return its response', async () => {
    const calls: LabCall[] = [];
    const { remote } = await startServer({
      call: async (call) => {
        calls.push(call);
        return { check: 'zero', level: 1, levels: 3, text: 'Look.' };
      },
    });
    const call = { operation: 'showHint', params: { task: 'a/b' }, body: { check: 'zero' } } as const;
    expect(await remote.call(call, contextOf())).toEqual({ check: 'zero', level: 1, levels: 3, text: 'Look.' });
    expect(calls).toEqual([call]);
  });

  it('stream events until they end', async () => {
    const { remote } = await startServer({
      events: async () =>
        (async function* () {
          yield Buffer.from('event: run\ndata: {}\n\n');
          yield Buffer.from('event: end\ndata: {}\n\n');
        })(),
    });
    const events = await remote.events({ operation: 'watchLabRun', params: { lab: 'x', run: 'y' } }, contextOf());
    let text = '';
    for await (const bytes of events) text += Buffer.from(bytes).toString();
    expect(text).toBe('event: run\ndata: {}\n\nevent: end\ndata: {}\n\n');
  });

  it('leave the events when the caller disconnects', async () => {
    const left = Promise.withResolvers<void>();
    const { remote } = await startServer({
      events: async (_, { signal }) =>
        (async function* () {
          yield Buffer.from('event: run\ndata: {}\n\n');
          signal.addEventListener('abort', () => left.resolve());
          await left.promise;
        })(),
    });
    const abort = new AbortController();
    const events = await remote.events({ operation: 'watchLabRun', params: { lab: 'x', run: 'y' } }, contextOf(abort.signal));
    for await (const _ of events) abort.abort(new Error('disconnected'));
    await left.promise;
    expect(abort.signal.aborted).toBe(true);
  });

  it('report an unreachable service as SERVICE_UNAVAILABLE', async () => {
    const { server, remote } = await startServer({});
    await server.close();
    await expect(remote.call({ operation: 'getWorkshop', params: {} }, contextOf())).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
  });
});
