import type { ReadinessCheckResult, ServiceStatus } from '@prodigon/contracts';
import type { ProbeResult } from '@prodigon/ports';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHealthProber } from './health-prober.ts';

/** Creates a prober of one service. `setStatus` sets the service's status, and `pass` advances the clock. */
function setUp() {
  let now = 0;
  let status: ServiceStatus['status'] = 'up';
  let isTimeout = false;
  let tick: (() => void) | undefined;
  let checks = 0;
  const measured = { latency_ms: 1, version: null, uptime_s: null, pid: null, detail: null };
  const probe = {
    name: 'model',
    check: async () => {
      checks += 1;
      const result = { name: 'model', status, checked_at: new Date(now).toISOString(), ...measured };
      return [{ status: result, dependencies: [], isTimeout }];
    },
  };
  const prober = createHealthProber({
    probes: [probe],
    now: () => now,
    every: (_ms, callback) => {
      tick = callback;
      return () => {
        tick = undefined;
      };
    },
  });
  return {
    prober,
    checks: () => checks,
    isWatching: () => tick !== undefined,
    setStatus: (next: ServiceStatus['status'] | 'timeout') => {
      isTimeout = next === 'timeout';
      status = next === 'timeout' ? 'down' : next;
    },
    async pass(ms: number) {
      now += ms;
      tick?.();
      await Promise.resolve();
      await new Promise(setImmediate);
    },
  };
}

describe('health prober', () => {
  it('shares one round of probes among callers within a second', async () => {
    const { prober, checks, pass } = setUp();
    await Promise.all([prober.measure(), prober.measure(), prober.measure()]);
    expect(checks()).toBe(1);
    await pass(1_001);
    await prober.measure();
    expect(checks()).toBe(2);
  });

  it('reports an outage that ended between two calls', async () => {
    const { prober, pass, setStatus } = setUp();
    await prober.watch();
    setStatus('down');
    await pass(250);
    setStatus('up');
    await pass(250);
    const [service] = await prober.watch();
    expect(service?.status).toBe('up');
    expect(service?.recent_probes.map(({ status }) => status)).toEqual(['up', 'down', 'up']);
  });

  it('reports a service as down after two timeouts in a row, and keeps its status after one', async () => {
    const { prober, pass, setStatus } = setUp();
    const statuses: unknown[] = [];
    await prober.watch();
    for (const next of ['timeout', 'up', 'timeout', 'timeout', 'timeout', 'up', 'draining', 'timeout', 'down'] as const) {
      setStatus(next);
      await pass(250);
      const [service] = await prober.measure();
      statuses.push([next, service?.status, service?.latency_ms]);
    }
    expect(statuses).toEqual([
      ['timeout', 'up', null],
      ['up', 'up', 1],
      ['timeout', 'up', null],
      ['timeout', 'down', 1],
      ['timeout', 'down', 1],
      ['up', 'up', 1],
      ['draining', 'draining', 1],
      ['timeout', 'draining', null],
      ['down', 'down', 1],
    ]);
  });

  it('reports a service as down after one timeout if the previous round is ten seconds old or there is none', async () => {
    const { prober, pass, setStatus } = setUp();
    setStatus('timeout');
    const statuses = [(await prober.measure())[0]?.status];
    for (const waitedMs of [9_999, 10_000]) {
      setStatus('up');
      await pass(1_000);
      await prober.measure();
      setStatus('timeout');
      await pass(waitedMs);
      statuses.push((await prober.measure())[0]?.status);
    }
    expect(statuses).toEqual(['down', 'up', 'down']);
  });

  it('keeps the last 60 rounds', async () => {
    const { prober, pass } = setUp();
    for (let round = 0; round < 100; round++) {
      await prober.watch();
      await pass(250);
    }
    expect((await prober.watch())[0]?.recent_probes).toHaveLength(60);
  });

  it('stops probing ten seconds after the last call', async () => {
    const { prober, pass, isWatching } = setUp();
    await prober.watch();
    await pass(9_999);
    expect(isWatching()).toBe(true);
    await pass(2);
    expect(isWatching()).toBe(false);
  });

  it('returns a round for less than a second after its end', async () => {
    const { prober, checks, pass } = setUp();
    await prober.measure();
    await pass(999);
    await prober.measure();
    expect(checks()).toBe(1);
    await pass(1);
    await prober.measure();
    expect(checks()).toBe(2);
  });

  it('watches for ten seconds from the latest call', async () => {
    const { prober, pass, isWatching, checks } = setUp();
    await prober.watch();
    await pass(9_000);
    await prober.watch();
    await pass(9_999);
    const before = checks();
    expect(isWatching()).toBe(true);
    await pass(1);
    expect([isWatching(), checks()]).toEqual([false, before]);
    await prober.watch();
    expect(isWatching()).toBe(true);
  });

  it('probes every 250 ms while it is watched, and then leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const check = vi.fn(
      async (_signal: AbortSignal) => [{ status: { name: 'model' }, dependencies: [] }] as unknown as ProbeResult[],
    );
    const prober = createHealthProber({ probes: [{ name: 'model', check }] });
    await prober.watch();
    await vi.advanceTimersByTimeAsync(249);
    expect(check).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(check).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(750);
    expect(check).toHaveBeenCalledTimes(5);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a dependency of the services', () => {
  const ok: ReadinessCheckResult = { name: 'database', ok: true, required: true, latency_ms: 1.5 };
  const failed: ReadinessCheckResult = { name: 'database', ok: false, required: true, detail: 'The database is unreachable.' };

  /** Creates a prober of two services. Each measurement uses the next row of `rounds`, with the check of each service. */
  async function statusesOf(...rounds: [ReadinessCheckResult | null, ReadinessCheckResult | null][]) {
    let now = 0;
    const probes = ['model', 'worker'].map((name, index) => ({
      name,
      async check() {
        const check = rounds[now / 2_000]?.[index];
        return [{ status: { name, status: 'up' } as ServiceStatus, dependencies: check ? [check] : [] }];
      },
    }));
    const prober = createHealthProber({ probes, now: () => now });
    const statuses = [];
    for (const _ of rounds) {
      const { status, latency_ms, detail } = (await prober.measure()).find(({ name }) => name === 'database') ?? {};
      statuses.push([status, latency_ms, detail]);
      now += 2_000;
    }
    return statuses;
  }

  it('has no status before a service has checked it', async () => {
    expect(await statusesOf([null, null])).toEqual([[undefined, undefined, undefined]]);
  });

  it('is up with its latency, and down with the reason and the services that cannot reach it', async () => {
    expect(await statusesOf([ok, ok], [failed, failed], [ok, failed])).toEqual([
      ['up', 1.5, null],
      ['down', null, 'The database is unreachable.'],
      ['down', null, 'The database is unreachable. Reported by worker.'],
    ]);
  });

  it('is unknown while no service that uses it responds', async () => {
    expect(await statusesOf([null, ok], [null, null], [null, ok])).toEqual([
      ['up', 1.5, null],
      ['unknown', null, 'No service that uses it responds.'],
      ['up', 1.5, null],
    ]);
  });
});
