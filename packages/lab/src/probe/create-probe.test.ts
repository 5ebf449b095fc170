import { afterEach, describe, expect, it, vi } from 'vitest';
import { createProbe, describeEventLoop } from './create-probe.ts';

afterEach(() => vi.restoreAllMocks());

const PLAIN = { collectGarbage: false };

describe('createProbe', () => {
  it('reports the memory of this process', async () => {
    const memory = { heapUsed: 1, external: 2, arrayBuffers: 3, rss: 4, heapTotal: 5 };
    vi.spyOn(process, 'memoryUsage').mockReturnValue(memory);
    const report = await createProbe()(PLAIN);
    expect(report.pid).toBe(process.pid);
    expect(report.memory).toMatchObject({ heapUsedBytes: 1, externalBytes: 2, arrayBufferBytes: 3, residentBytes: 4 });
  });

  it('reports the code in the heap as part of it', async () => {
    const { codeBytes, heapUsedBytes } = (await createProbe()(PLAIN)).memory;
    expect(codeBytes).toBeGreaterThan(0);
    expect(codeBytes).toBeLessThan(heapUsedBytes);
  });

  it('counts the resources that keep the process alive by type', async () => {
    vi.spyOn(process, 'getActiveResourcesInfo').mockReturnValue(['Timeout', 'TCPSocketWrap', 'Timeout']);
    expect((await createProbe()(PLAIN)).resources).toEqual({ Timeout: 2, TCPSocketWrap: 1 });
  });

  it('reports event loop metrics since the previous report, and none in the first one', async () => {
    const probe = createProbe();
    expect((await probe(PLAIN)).eventLoop).toBeNull();
    const { eventLoop } = await probe(PLAIN);
    expect(eventLoop?.utilization).toBeGreaterThanOrEqual(0);
    expect(eventLoop?.utilization).toBeLessThanOrEqual(1);
    expect(eventLoop?.delayMaxMs).toBeGreaterThanOrEqual(eventLoop?.delayMedianMs ?? Number.NaN);
  });

  it('collects garbage on request', async () => {
    const probe = createProbe();
    const create = () => new WeakRef({ large: new Array(1_000).fill(0) });
    const reference = create();
    await new Promise((resolve) => setImmediate(resolve));
    await probe({ collectGarbage: true });
    expect(reference.deref()).toBeUndefined();
  });
});

describe('describeEventLoop', () => {
  const histogramOf = (count: number) => ({ count, percentile: (share: number) => share * 1_000_000, max: 250_000_000 });

  it('converts the delays to milliseconds', () => {
    const metrics = { delayMedianMs: 50, delayP99Ms: 99, delayMaxMs: 250, utilization: 0.5 };
    expect(describeEventLoop(histogramOf(1), 0.5)).toEqual(metrics);
  });

  it('reports zeros when the monitor has recorded nothing', () => {
    const metrics = { delayMedianMs: 0, delayP99Ms: 0, delayMaxMs: 0, utilization: 0.5 };
    expect(describeEventLoop(histogramOf(0), 0.5)).toEqual(metrics);
  });
});
