import { expect, it, onTestFinished, vi } from 'vitest';
import { inStreamSlot } from './stream-slots.ts';

/** Opens streams that yield once and end when the test says so. Node has the same Web Locks as browsers. */
function setUp({ isLimited = true } = {}) {
  const locks = isLimited ? navigator.locks : undefined;
  const ends: (() => void)[] = [];
  onTestFinished(() => {
    for (const end of ends) end();
  });
  function start(signal?: AbortSignal) {
    const onWaiting = vi.fn();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    ends.push(end);
    async function* open() {
      yield 'started';
      await ended;
    }
    const events = inStreamSlot(open, signal, { locks, onWaiting });
    const started = events.next();
    const finish = () => {
      end();
      return events.next();
    };
    return { started, onWaiting, finish };
  }
  return { start };
}

it('runs four streams, and the fifth as soon as one of them has ended', async () => {
  const { start } = setUp();
  const streams = [1, 2, 3, 4].map(() => start());
  for (const { started } of streams) expect((await started).value).toBe('started');
  const [fifth, sixth] = [start(), start()];
  await vi.waitFor(() => expect(sixth.onWaiting.mock.calls).toEqual([[true]]));
  await streams[2]?.finish();
  expect((await fifth.started).value).toBe('started');
  expect(fifth.onWaiting.mock.calls).toEqual([[true], [false]]);
  expect(sixth.onWaiting.mock.calls).toEqual([[true]]);
  for (const { finish } of [...streams, fifth]) await finish();
  expect((await sixth.started).value).toBe('started');
  await sixth.finish();
});

it('stops waiting when the response is stopped', async () => {
  const { start } = setUp();
  const streams = [1, 2, 3, 4].map(() => start());
  for (const { started } of streams) await started;
  const controller = new AbortController();
  const fifth = start(controller.signal);
  await vi.waitFor(() => expect(fifth.onWaiting).toHaveBeenCalled());
  controller.abort(new Error('stopped'));
  await expect(fifth.started).rejects.toThrow('stopped');
  expect(fifth.onWaiting.mock.lastCall).toEqual([false]);
});

it('runs every stream immediately when there is no limit', async () => {
  const { start } = setUp({ isLimited: false });
  for (const { started } of [1, 2, 3, 4, 5].map(() => start())) expect((await started).value).toBe('started');
});
