import { describe, expect, it } from 'vitest';
import { createPin, createSharedPin, NO_PIN, parseCpuList } from './pin.ts';

describe('pinning', () => {
  it('pins nothing on a machine with one CPU', () => {
    expect(createPin([0])).toBe(NO_PIN);
    expect(createPin([])).toBe(NO_PIN);
    expect(createSharedPin([])).toBe(NO_PIN);
  });

  it('describes the CPUs of each side', () => {
    expect(createPin([0, 1, 5]).description).toBe('under test on CPU 0,1, generator and provider on CPU 5');
    expect(createSharedPin([3, 4]).description).toBe('all processes on CPU 3');
  });
});

describe('parseCpuList', () => {
  it.each([
    ["pid 7's current affinity list: 0-2,5\n", [0, 1, 2, 5]],
    ["pid 7's current affinity list: 3\n", [3]],
    ["pid 7's current affinity list: 0,2-3,8-9\n", [0, 2, 3, 8, 9]],
    ['', []],
    ['taskset: not permitted\n', []],
  ])('reads the CPUs of %j', (output, cpus) => {
    expect(parseCpuList(output)).toEqual(cpus);
  });
});
