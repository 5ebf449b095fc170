import { describe, expect, it } from 'vitest';
import { parsePsSample, sampleProcess, sampleProcesses } from './sample-process.ts';

describe('parsePsSample', () => {
  it.each([
    ['    0:01.50  2048\n', 1.5],
    ['   02:03.45  2048\n', 123.45],
    ['1:02:03  2048\n', 3_723],
  ])('reads the CPU time and the memory of "%s"', (output, cpuSeconds) => {
    expect(parsePsSample(output)).toEqual({ cpuSeconds, residentBytes: 2_097_152 });
  });

  it('returns null for a process that has ended', () => {
    expect(parsePsSample('')).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('sampleProcess', () => {
  it('reads the memory of a process in bytes', () => {
    const { residentBytes } = sampleProcess(process.pid);
    expect(residentBytes / process.memoryUsage.rss()).toBeGreaterThan(0.7);
    expect(residentBytes / process.memoryUsage.rss()).toBeLessThan(1.3);
  });

  it('rejects a process that has ended', () => {
    expect(() => sampleProcess(2 ** 30)).toThrow(`The measured process ${2 ** 30} has ended.`);
  });

  it('adds the samples of several processes, and nothing for none', () => {
    const one = sampleProcess(process.pid);
    const both = sampleProcesses([process.pid, process.pid]);
    expect(both.cpuSeconds).toBeGreaterThanOrEqual(2 * one.cpuSeconds);
    expect(both.residentBytes / one.residentBytes).toBeCloseTo(2, 0);
    expect(sampleProcesses([])).toEqual({ cpuSeconds: 0, residentBytes: 0 });
  });
});
