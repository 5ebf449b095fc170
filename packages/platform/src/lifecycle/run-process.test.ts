import module from 'node:module';
import type { FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigurationError } from '../config/load-configuration.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createLifecycle } from './graceful-shutdown.ts';
import { type ProcessParts, runProcess } from './run-process.ts';

/** Replaces the signals, the exit and the supervisor of this process. */
function fakeProcess({ isSupervised = false, uid = 1_000 } = {}) {
  vi.spyOn(process, 'getuid').mockReturnValue(uid);
  const listeners = new Map<string | symbol, ((...values: unknown[]) => void)[]>();
  vi.spyOn(process, 'on').mockImplementation((event, listener) => {
    listeners.set(event, [...(listeners.get(event) ?? []), listener as (...values: unknown[]) => void]);
    return process;
  });
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never);
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(module, 'flushCompileCache').mockImplementation(() => {});
  const { connected, send } = process;
  const sent = vi.fn();
  Object.assign(process, { connected: isSupervised, send: sent });
  onTestFinished(() => {
    vi.restoreAllMocks();
    Object.assign(process, { connected, send });
  });
  const emit = (event: string, ...values: unknown[]) => {
    for (const listener of listeners.get(event) ?? []) listener(...values);
  };
  return { emit, exit, stderr, sent, listeners };
}

const steps: string[] = [];
const lines: string[] = [];
beforeEach(() => {
  steps.length = 0;
  lines.length = 0;
});

const after = (step: string) => async () => void steps.push(step);

function createParts(fields: Partial<ProcessParts> = {}): ProcessParts {
  const lifecycle = createLifecycle({ drainTimeoutMs: 1_000 });
  const drain = lifecycle.drain.bind(lifecycle);
  lifecycle.drain = async () => {
    await drain();
    steps.push('drained');
  };
  const server = { listen: async () => 'http://127.0.0.1:8000', close: after('server closed') };
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    service: 'gateway',
    server: server as unknown as FastifyInstance,
    host: '127.0.0.1',
    port: 8_000,
    portVariable: 'GATEWAY_PORT',
    lifecycle,
    logger: createLogger({ service: 'gateway', level: 'info', secrets: [], destination }),
    closers: [after('first closed'), after('second closed')],
    ...fields,
  };
}

const STOPPED = ['drained', 'server closed', 'first closed', 'second closed'];
const messages = () => lines.map((line) => JSON.parse(line).msg);

describe('a running process', () => {
  it('logs its address and does not stop by itself', async () => {
    const { exit, sent } = fakeProcess();
    await runProcess(async () => createParts());
    expect(messages()).toEqual(['gateway listens on http://127.0.0.1:8000']);
    expect([exit.mock.calls, sent.mock.calls]).toEqual([[], []]);
    expect(module.flushCompileCache).toHaveBeenCalledOnce();
  });

  it.each(['SIGTERM', 'SIGINT'])(
    'drains, closes the server and then its parts in order, and exits with 0 on %s',
    async (signal) => {
      const { emit, exit } = fakeProcess();
      await runProcess(async () => createParts());
      emit(signal);
      await vi.waitFor(() => expect(exit).toHaveBeenCalledOnce());
      expect(exit).toHaveBeenCalledWith(0);
      expect(steps).toEqual(STOPPED);
      expect(messages()[1]).toBe(`${signal}: draining 0 open calls`);
      expect(JSON.parse(lines[1] ?? '').open_calls).toBe(0);
    },
  );

  it('stops once for several signals', async () => {
    const { emit, exit } = fakeProcess();
    await runProcess(async () => createParts());
    emit('SIGTERM');
    emit('SIGTERM');
    emit('SIGINT');
    await vi.waitFor(() => expect(exit).toHaveBeenCalledOnce());
    await new Promise(setImmediate);
    expect(steps).toEqual(STOPPED);
    expect(exit).toHaveBeenCalledOnce();
  });
});

describe('a process of root', () => {
  it('warns that it keeps running as root', async () => {
    fakeProcess({ uid: 0 });
    await runProcess(async () => createParts());
    expect(messages()).toEqual([expect.stringContaining('keeps running as root'), expect.stringContaining('listens on')]);
    expect(messages()[0]).toContain('PRODIGON_SERVICE_USER');
  });

  it('leaves the warning to its supervisor, which knows the reason', async () => {
    fakeProcess({ uid: 0, isSupervised: true });
    await runProcess(async () => createParts());
    expect(messages()).toEqual([expect.stringContaining('listens on')]);
  });
});

describe('a supervised process', () => {
  it('notifies its supervisor when it is ready', async () => {
    const { sent } = fakeProcess({ isSupervised: true });
    await runProcess(async () => createParts());
    const message = { type: 'ready', service: 'gateway', url: 'http://127.0.0.1:8000' };
    expect(sent.mock.calls).toEqual([[message, undefined, undefined, expect.any(Function)]]);
  });

  it('leaves Ctrl-C to its supervisor, and stops when the supervisor dies', async () => {
    const { emit, exit } = fakeProcess({ isSupervised: true });
    await runProcess(async () => createParts());
    emit('SIGINT');
    await new Promise(setImmediate);
    expect(steps).toEqual([]);
    emit('disconnect');
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
    expect(messages()[1]).toBe('The supervisor died: draining 0 open calls');
  });

  it('stops when its supervisor died during the start', async () => {
    const { exit } = fakeProcess({ isSupervised: true });
    await runProcess(async () => {
      Object.assign(process, { connected: false });
      return createParts();
    });
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
  });
});

describe('a process that cannot start', () => {
  const failWith = (error: Error) =>
    createParts({ server: { listen: () => Promise.reject(error) } as unknown as FastifyInstance });

  it.each([
    ['EADDRINUSE', 78, 'Port 8000 on 127.0.0.1 is taken by another program: set GATEWAY_PORT to a free port'],
    ['EACCES', 78, 'Port 8000 needs more rights than this process has: set GATEWAY_PORT above 1023'],
    ['EADDRNOTAVAIL', 78, '127.0.0.1 is not an address of this machine'],
    ['ENOTFOUND', 78, '127.0.0.1 is not an address of this machine'],
    ['EMFILE', 1, 'listen failed'],
  ])('explains %s in a sentence and exits with %i', async (code, status, sentence) => {
    const { exit, stderr } = fakeProcess();
    await runProcess(async () => failWith(Object.assign(new Error('listen failed'), { code })));
    expect(exit.mock.calls).toEqual([[status]]);
    expect(stderr.mock.calls[0]?.[0]).toMatch(new RegExp(`${sentence}\\n$`));
  });

  it('exits with 78 for an invalid configuration and with 1 for any other error', async () => {
    const { exit, stderr } = fakeProcess();
    const errors: unknown[] = [new ConfigurationError(['HOST is wrong']), new Error('a bug'), 'a text'];
    for (const error of errors) await runProcess(() => Promise.reject(error));
    expect(exit.mock.calls).toEqual([[78], [1], [1]]);
    expect(stderr.mock.calls.map(([text]) => text)).toEqual([
      'The configuration has a problem:\n  HOST is wrong\n',
      'a bug\n',
      'a text\n',
    ]);
  });
});

it('exits after an uncaught exception, and logs its type and stack without its message', async () => {
  const { emit, exit, stderr } = fakeProcess();
  await runProcess(async () => createParts());
  emit('uncaughtException', new TypeError('the canary of a prompt'));
  expect(exit).toHaveBeenCalledWith(1);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 60, err: { type: 'TypeError' } });
  expect(lines.join('') + JSON.stringify(stderr.mock.calls)).not.toContain('canary');
});

describe('the gRPC server of a process', () => {
  const taken = (ports: readonly number[]) => ({
    listen: vi.fn(async ({ port }: { port: number }) => {
      if (ports.includes(port)) throw Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
      return port || 5_000;
    }),
    close: after('gRPC closed'),
  });
  const grpcOf = (server: ReturnType<typeof taken>, port?: number) => ({
    grpc: { server, port, defaultPort: 8_011, portVariable: 'MODEL_GRPC_PORT' },
  });
  const readyUrl = (sent: ReturnType<typeof vi.fn>) => sent.mock.calls[0]?.[0]?.grpcUrl;

  it('listens on the default port', async () => {
    const { sent } = fakeProcess({ isSupervised: true });
    await runProcess(async () => createParts(grpcOf(taken([]))));
    expect(readyUrl(sent)).toBe('http://127.0.0.1:8011');
    expect(lines.join('')).not.toContain('"level":40');
  });

  it('takes the next free port when the default one is taken, and says so', async () => {
    const { sent } = fakeProcess({ isSupervised: true });
    await runProcess(async () => createParts(grpcOf(taken([8_011, 8_012]))));
    expect(readyUrl(sent)).toBe('http://127.0.0.1:8013');
    expect(lines.join('')).toContain('Port 8011 is taken, so gateway serves gRPC on http://127.0.0.1:8013. Set MODEL_GRPC_PORT');
  });

  it('rejects a configured port that is taken', async () => {
    const { exit, stderr } = fakeProcess();
    await runProcess(async () => createParts(grpcOf(taken([9_000]), 9_000)));
    expect(exit).toHaveBeenCalledWith(78);
    expect(stderr.mock.calls.join()).toContain('Port 9000 on 127.0.0.1 is taken by another program: set MODEL_GRPC_PORT');
  });

  it('closes with the server, after the drain', async () => {
    const { emit, exit } = fakeProcess();
    await runProcess(async () => createParts(grpcOf(taken([]))));
    emit('SIGTERM');
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
    expect(steps.slice(0, 3).sort()).toEqual(['drained', 'gRPC closed', 'server closed']);
  });
});

describe('the server of a process for others of its service', () => {
  it('listens before the main server, and closes with it', async () => {
    const listened: string[] = [];
    const server = {
      listen: async ({ host, port }: { host: string; port: number }) => listened.push(`${host}:${port}`),
      close: after('closed'),
    };
    const { emit, exit } = fakeProcess();
    await runProcess(async () => {
      const parts = createParts({
        internal: { server, host: '127.0.0.2', port: 8_005, defaultPort: 8_004, portVariable: 'CHAT_PORT' },
      });
      const { listen } = parts.server;
      parts.server.listen = (async (...address: Parameters<typeof listen>) => {
        listened.push('main');
        return listen(...address);
      }) as unknown as typeof listen;
      return parts;
    });
    expect(listened).toEqual(['127.0.0.2:8005', 'main']);
    emit('SIGTERM');
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
    expect(steps).toContain('closed');
  });
});
