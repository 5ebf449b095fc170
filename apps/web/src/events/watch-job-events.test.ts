import type { RawEvent } from '@prodigon/api-client/raw-events';
import { expect, it, vi } from 'vitest';
import type { Subscriber } from './event-client.ts';
import { watchJobEvents } from './watch-job-events.ts';

const JOB = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
const END: RawEvent = { event: 'end', data: '{"status":"completed"}', id: `${JOB}:9` };

/** Watches a job whose events the test sends. */
function watch() {
  let subscriber: Subscriber | undefined;
  const unsubscribe = vi.fn();
  const subscribe = vi.fn((_topic: string, given: Subscriber) => {
    subscriber = given;
    return unsubscribe;
  });
  const onConnection = vi.fn();
  const controller = new AbortController();
  const events = watchJobEvents({ subscribe }, JOB, { signal: controller.signal, after: 7, onConnection });
  const next = events.next();
  return {
    next,
    events,
    subscribe,
    unsubscribe,
    onConnection,
    controller,
    send: (event: RawEvent) => subscriber?.onEvent(event),
  };
}

it('subscribes after the given sequence, and unsubscribes at the end', async () => {
  const { next, events, subscribe, unsubscribe, send } = watch();
  expect(subscribe).toHaveBeenCalledWith(`job:${JOB}`, expect.anything(), `${JOB}:7`);
  send(END);
  expect(await next).toEqual({ done: false, value: { event: 'end', data: { status: 'completed' }, id: `${JOB}:9` } });
  expect((await events.next()).done).toBe(true);
  expect(unsubscribe).toHaveBeenCalledTimes(1);
});

it('throws an error that a retry cannot fix, and reports any other as a lost connection', async () => {
  const { next, unsubscribe, onConnection, send } = watch();
  const error = (code: string, retryable: boolean) =>
    send({ event: 'error', data: JSON.stringify({ topic: `job:${JOB}`, code, message: 'No.', retryable }), id: undefined });
  error('SERVICE_UNAVAILABLE', true);
  expect(onConnection.mock.calls).toEqual([[false]]);
  error('JOB_NOT_FOUND', false);
  await expect(next).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  expect(unsubscribe).toHaveBeenCalledTimes(1);
});

it('unsubscribes when it is cancelled', async () => {
  const { next, unsubscribe, controller } = watch();
  controller.abort(new Error('left'));
  await expect(next).rejects.toThrow('left');
  expect(unsubscribe).toHaveBeenCalledTimes(1);
});
