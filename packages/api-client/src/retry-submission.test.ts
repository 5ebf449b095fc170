import { AppError } from '@prodigon/contracts';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { GatewayConnectionError } from './http-client.ts';
import { createIdempotencyKey, submitWithRetry } from './retry-submission.ts';

const lost = new GatewayConnectionError('unreachable', 'It is lost.');
const conflict = new AppError('CONFLICT');

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Submits with these errors in order, and then with success. Returns the result, and the time of each attempt in ms. */
async function submit(errors: Error[], signal?: AbortSignal) {
  const startedAt = Date.now();
  const attempts: number[] = [];
  const submitting = submitWithRetry(async () => {
    attempts.push(Date.now() - startedAt);
    const error = errors.shift();
    if (error) throw error;
    return 'created';
  }, signal).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { result: await submitting, attempts };
}

describe('submitWithRetry', () => {
  it('retries half a second after a connection failure', async () => {
    expect(await submit([lost])).toEqual({ result: 'created', attempts: [0, 500] });
  });

  it('throws the second connection failure, also after conflicts', async () => {
    expect(await submit([lost, lost])).toEqual({ result: lost, attempts: [0, 500] });
    expect(await submit([lost, conflict, lost])).toEqual({ result: lost, attempts: [0, 500, 1_000] });
  });

  it('waits for the first attempt through twenty conflicts, and throws the next one', async () => {
    expect((await submit([lost, ...Array(20).fill(conflict)])).result).toBe('created');
    const { result, attempts } = await submit([lost, ...Array(21).fill(conflict)]);
    expect(result).toBe(conflict);
    expect(attempts).toHaveLength(22);
  });

  it('throws any other error immediately', async () => {
    for (const error of [conflict, new AppError('SERVICE_UNAVAILABLE'), new Error('a bug')])
      expect(await submit([error])).toEqual({ result: error, attempts: [0] });
    const rejected = new AppError('VALIDATION_ERROR');
    expect(await submit([lost, rejected])).toEqual({ result: rejected, attempts: [0, 500] });
  });

  it('stops waiting when the signal aborts', async () => {
    const reason = new Error('stopped');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 499);
    expect(await submit([lost], controller.signal)).toEqual({ result: reason, attempts: [0] });
  });
});

it('creates a different key of 32 hexadecimal digits for each submission', () => {
  const keys = Array.from({ length: 100 }, createIdempotencyKey);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(keys).size).toBe(100);
});
