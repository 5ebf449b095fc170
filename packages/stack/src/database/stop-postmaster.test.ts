import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { identifyProcess, type ProcessIdentity } from '../process-identity.ts';
import { signalPostmaster, stopPostmaster } from './stop-postmaster.ts';

const DEAD = { started: 'another boot 1' };
let signals: unknown[];
let server: ProcessIdentity;
/** Ends the server after this signal. */
let fatalSignal: string | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  [signals, fatalSignal] = [[], undefined];
  server = { ...identifyProcess(process.pid), pid: process.pid } as ProcessIdentity;
  vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
    signals.push(signal);
    if (signal === fatalSignal) Object.assign(server, DEAD);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('stopPostmaster', () => {
  it('requests a fast shutdown and resolves when the server has ended', async () => {
    fatalSignal = 'SIGINT';
    await stopPostmaster(server);
    expect(signals).toEqual(['SIGINT']);
  });

  it('waits for a server that ends later', async () => {
    const stopped = stopPostmaster(server, 'fast');
    await vi.advanceTimersByTimeAsync(5_000);
    Object.assign(server, DEAD);
    await vi.advanceTimersByTimeAsync(10);
    await stopped;
    expect(signals).toEqual(['SIGINT']);
  });

  it('requests an immediate shutdown after more than 30 seconds', async () => {
    fatalSignal = 'SIGQUIT';
    const stopped = stopPostmaster(server);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(signals).toEqual(['SIGINT']);
    await vi.advanceTimersByTimeAsync(10);
    await stopped;
    expect(signals).toEqual(['SIGINT', 'SIGQUIT']);
  });

  it('rejects when the server survives an immediate shutdown for more than 20 seconds', async () => {
    const message = `The database (pid ${process.pid}) cannot be stopped.`;
    const rejected = expect(stopPostmaster(server, 'immediate')).rejects.toMatchObject({ name: 'StackError', message });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(10);
    await rejected;
    expect(signals).toEqual(['SIGQUIT']);
  });

  it('resolves without a signal when the server has already ended', async () => {
    await stopPostmaster({ ...server, ...DEAD });
    expect(signals).toEqual([]);
  });
});

it('maps each shutdown mode to the signal of PostgreSQL', () => {
  signalPostmaster(server, 'fast');
  signalPostmaster(server, 'immediate');
  expect(signals).toEqual(['SIGINT', 'SIGQUIT']);
});
