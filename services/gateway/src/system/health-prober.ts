import type { ServiceOverview, ServiceStatus } from '@prodigon/contracts';
import type { ServiceProbe } from '@prodigon/ports';

export interface Prober {
  /** The newest round of probes, at most a second old. */
  measure(): Promise<ServiceStatus[]>;
  /** As `measure`, with the rounds before it, and keeps probing for ten seconds: somebody looks. */
  watch(): Promise<ServiceOverview[]>;
}

export interface ProberOptions {
  probes: readonly ServiceProbe[];
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Calls back again and again until what it returns is called. */
  every?: (ms: number, callback: () => void) => () => void;
}

const FRESH_MS = 1_000;
/** A killed service is back in under a second: rounds have to be closer than that for its absence to be seen. */
const ROUND_EVERY_MS = 250;
const WATCHED_FOR_MS = 10_000;
const ROUNDS_KEPT = 60;

/** Probes all services at once. Who asks while a round is under way shares it. */
export function createProber({ probes, now = Date.now, every = repeat }: ProberOptions): Prober {
  const rounds: ServiceStatus[][] = [];
  let current: Promise<ServiceStatus[]> | undefined;
  let newestAt = Number.NEGATIVE_INFINITY;
  let watchedUntil = Number.NEGATIVE_INFINITY;
  let stopWatching: (() => void) | undefined;

  function probeAll(): Promise<ServiceStatus[]> {
    // No signal of whoever came first: the others would lose their answer when they leave.
    const { signal } = new AbortController();
    current ??= Promise.all(probes.map((probe) => probe.check(signal))).then((round) => {
      rounds.push(round);
      if (rounds.length > ROUNDS_KEPT) rounds.shift();
      newestAt = now();
      current = undefined;
      return round;
    });
    return current;
  }

  function keepProbing(): void {
    watchedUntil = now() + WATCHED_FOR_MS;
    stopWatching ??= every(ROUND_EVERY_MS, () => {
      if (now() < watchedUntil) return void probeAll();
      stopWatching?.();
      stopWatching = undefined;
    });
  }

  async function measure(): Promise<ServiceStatus[]> {
    const newest = rounds.at(-1);
    return newest && now() - newestAt < FRESH_MS ? newest : probeAll();
  }

  return {
    measure,
    async watch() {
      keepProbing();
      const newest = await measure();
      return newest.map((service, index) => ({
        ...service,
        recent_probes: rounds.flatMap((round) => {
          const probe = round[index];
          return probe ? [{ status: probe.status, checked_at: probe.checked_at, latency_ms: probe.latency_ms }] : [];
        }),
      }));
    },
  };
}

function repeat(ms: number, callback: () => void): () => void {
  // Watching must not keep a process from ending.
  const timer = setInterval(callback, ms).unref();
  return () => clearInterval(timer);
}
