import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDeletions } from './create-deletions.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const remove = vi.fn(async () => {});
  const onFailure = vi.fn();
  const deletions = createDeletions({
    remove,
    onFailure,
    setTimer: setTimeout,
    clearTimer: clearTimeout,
  });
  const hidden = () => deletions.store.getState().deletions.map(({ conversationId }) => conversationId);
  return { deletions, remove, onFailure, hidden };
}

it('deletes a conversation when the time to undo is over, and hides it until then', async () => {
  const { deletions, remove, hidden } = setUp();
  deletions.schedule('a', 'Title');
  expect(hidden()).toEqual(['a']);
  expect(remove).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(8_000);
  expect(remove.mock.calls).toEqual([['a', false]]);
  expect(hidden()).toEqual([]);
});

it('deletes nothing after an undo, but the ones before', async () => {
  const { deletions, remove, hidden } = setUp();
  deletions.schedule('a', 'Title');
  deletions.schedule('b', 'Title');
  deletions.undo();
  expect(hidden()).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(8_000);
  expect(remove.mock.calls).toEqual([['a', false]]);
});

it('waits while the pointer or the focus is on the toast', async () => {
  const { deletions, remove } = setUp();
  deletions.schedule('a', 'Title');
  deletions.pause(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(remove).not.toHaveBeenCalled();
  deletions.pause(false);
  await vi.advanceTimersByTimeAsync(8_000);
  expect(remove).toHaveBeenCalledTimes(1);
});

it('deletes immediately when the page is hidden', async () => {
  const { deletions, remove } = setUp();
  deletions.schedule('a', 'Title');
  deletions.flush(true);
  expect(remove.mock.calls).toEqual([['a', true]]);
});

it('shows a conversation again, and reports why, when it could not be deleted', async () => {
  const { deletions, remove, onFailure, hidden } = setUp();
  const failure = new Error('Unreachable');
  remove.mockRejectedValueOnce(failure);
  deletions.schedule('a', 'Title');
  await vi.advanceTimersByTimeAsync(8_000);
  expect(onFailure).toHaveBeenCalledWith(failure);
  expect(hidden()).toEqual([]);
});
