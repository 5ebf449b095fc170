import { expect, it, vi } from 'vitest';
import { mergeStreams } from './merge-streams.ts';

async function* numbers(from: number, onRead: (value: number) => void = () => {}) {
  for (let value = from; ; value += 1) {
    onRead(value);
    yield value;
  }
}

it('reads each stream only as fast as the caller reads', async () => {
  const read = vi.fn();
  const merged = mergeStreams([numbers(0, read), numbers(100, read)], () => {});
  const first = [(await merged.next()).value, (await merged.next()).value];
  expect(first.sort()).toEqual([0, 100]);
  expect(read.mock.calls.length).toBeLessThanOrEqual(4);
  await merged.return(undefined);
});

it('throws the error of a stream after the chunks before it, and closes', async () => {
  async function* failing() {
    yield 1;
    throw new Error('lost');
  }
  const onClose = vi.fn();
  const received: number[] = [];
  const reading = (async () => {
    for await (const value of mergeStreams([failing()], onClose)) received.push(value);
  })();
  await expect(reading).rejects.toThrow('lost');
  expect(received).toEqual([1]);
  expect(onClose).toHaveBeenCalledTimes(1);
});
