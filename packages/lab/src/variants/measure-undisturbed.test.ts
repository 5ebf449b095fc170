import { describe, expect, it } from 'vitest';
import { MeasurementRejectedError } from '../checks/measurement-rejected-error.ts';
import { measureUndisturbed } from './measure-undisturbed.ts';

/** Measures once per second of a CPU of which other programs use these shares, one per attempt; null reads nothing. */
function measure(...shares: (number | null)[]) {
  const messages: string[] = [];
  let [reads, attempts] = [0, 0];
  const readCpu = () => {
    const share = shares[Math.floor(reads / 2)] ?? null;
    const isAfter = reads++ % 2 === 1;
    return share === null ? null : { atMs: isAfter ? 1_000 : 0, machine: isAfter ? share : 0, own: 0 };
  };
  const result = measureUndisturbed({
    ...{ name: 'ours', readCpu, onDisturbed: (message: string) => void messages.push(message) },
    measure: async () => `attempt ${++attempts}`,
  });
  return { result, messages };
}

describe('measureUndisturbed', () => {
  it('returns the first result when other programs use at most 15 % of a CPU', async () => {
    const { result, messages } = measure(0.15);
    expect(await result).toEqual({ result: 'attempt 1', foreignCpuShare: 0.15, attempts: 1 });
    expect(messages).toEqual([]);
  });

  it('returns the first result where the machine reports no CPU time', async () => {
    expect(await measure(null).result).toEqual({ result: 'attempt 1', foreignCpuShare: null, attempts: 1 });
  });

  it('repeats a disturbed measurement and reports each repetition', async () => {
    const { result, messages } = measure(0.151, 0.5, 0.1);
    expect(await result).toEqual({ result: 'attempt 3', foreignCpuShare: 0.1, attempts: 3 });
    expect(messages).toEqual([
      'ours: other programs used 15 % of a CPU during the measurement; repeating it',
      'ours: other programs used 50 % of a CPU during the measurement; repeating it',
    ]);
  });

  it('returns the result of the fifth attempt when that one is undisturbed', async () => {
    expect(await measure(1, 1, 1, 1, 0).result).toMatchObject({ result: 'attempt 5', attempts: 5 });
  });

  it('rejects after five disturbed attempts', async () => {
    const { result, messages } = measure(1, 1, 1, 1, 0.256);
    const message = 'ours: other programs used more than 15 % of a CPU in each of 5 attempts, 26 % in the last one.';
    await expect(result).rejects.toEqual(new MeasurementRejectedError(message));
    expect(messages).toHaveLength(4);
  });
});
