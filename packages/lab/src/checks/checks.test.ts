import { describe, expect, it } from 'vitest';
import { loadResult } from '../load/load-result.test-support.ts';
import type { LoadResult } from '../load/load-result.ts';
import { assertCorrectResponses } from './assert-correct-responses.ts';
import { assertIdleGenerator } from './assert-idle-generator.ts';
import { type CpuReading, foreignShare, readCpu } from './foreign-load.ts';
import { MeasurementRejectedError } from './measurement-rejected-error.ts';

const rejection = (message: string) => expect.objectContaining({ name: 'MeasurementRejectedError', message });

describe('assertCorrectResponses', () => {
  const check = (changes: Partial<LoadResult>) => () => assertCorrectResponses('ours', loadResult(changes));
  const NONE = { responses: 0, rejections: { count: 0, latency: null }, unfinished: 0 };

  it('accepts a load with a single outcome of any valid kind', () => {
    expect(check({ ...NONE, responses: 1 })).not.toThrow();
    expect(check({ ...NONE, rejections: { count: 1, latency: null } })).not.toThrow();
    expect(check({ ...NONE, unfinished: 1 })).not.toThrow();
  });

  it('rejects a load without any response', () => {
    expect(check(NONE)).toThrow(rejection('ours: the load received no response.'));
  });

  it('rejects one wrong response', () => {
    expect(check({ wrong: { count: 1, reasons: { 'status 500': 1 } } })).toThrow(
      rejection('ours: 1 responses were wrong: status 500 (1).'),
    );
  });

  it('lists the three most frequent reasons', () => {
    const reasons = { 'status 500': 2, ECONNRESET: 1, 'status 502': 9, 'status 503': 4 };
    expect(check({ wrong: { count: 16, reasons } })).toThrow(
      rejection('ours: 16 responses were wrong: status 502 (9), status 503 (4), status 500 (2).'),
    );
  });

  it('reports a foreign process rather than other reasons', () => {
    const reasons = { 'response from a process that is not under test': 1, 'status 500': 9 };
    const message = 'ours: 1 responses came from a process that is not under test. Another program listens on this address.';
    expect(check({ wrong: { count: 10, reasons } })).toThrow(rejection(message));
  });
});

describe('assertIdleGenerator', () => {
  const check = (cpuShare: number, eventLoopUtilization: number) => () =>
    assertIdleGenerator('ours', loadResult({ generator: { cpuShare, eventLoopUtilization, delayP99Ms: 1 } }));

  it('accepts a generator up to 95 % of the time and 90 % of a CPU', () => {
    expect(check(0.9, 0.95)).not.toThrow();
  });

  it('rejects a generator above either limit', () => {
    const message = 'ours: the load generator was busy for 96 % of the time, with 10 % of a CPU, so it limited the figures.';
    expect(check(0.1, 0.956)).toThrow(rejection(message));
    expect(check(0.901, 0.1)).toThrow(MeasurementRejectedError);
  });
});

describe('foreignShare', () => {
  const reading = (atMs: number, machine: number, own: number): CpuReading => ({ atMs, machine, own });

  it('returns the CPU time of other programs per second', () => {
    expect(foreignShare(reading(1_000, 10, 4), reading(3_000, 15, 8))).toBe(0.5);
  });

  it('returns 0 when rounding makes the own time exceed that of the machine', () => {
    expect(foreignShare(reading(0, 10, 4), reading(1_000, 11, 5.01))).toBe(0);
  });

  it.runIf(process.platform === 'linux')('reads the CPU time of the machine and of this process', () => {
    const cpu = readCpu([]);
    expect(cpu?.machine).toBeGreaterThanOrEqual(cpu?.own ?? Number.NaN);
    expect(cpu?.own).toBeGreaterThan(0);
    expect(Math.abs((cpu?.atMs ?? 0) - performance.now())).toBeLessThan(60_000);
  });
});
