import type { ServiceOverview, ServiceStatus } from '@prodigon/contracts';
import type { ProbeResult, ServiceProbe } from '@prodigon/ports';

export interface HealthProber {
  /** Returns the services and their dependencies by the latest round of probes, at most one second old. */
  measure(): Promise<ServiceStatus[]>;
  /** Returns the latest round with the earlier rounds. Keeps probing for ten seconds, so that the next call has more. */
  watch(): Promise<ServiceOverview[]>;
}

export interface HealthProberOptions {
  probes: readonly ServiceProbe[];
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Calls `callback` every `ms` milliseconds until the returned function is called. */
  every?: (ms: number, callback: () => void) => () => void;
}

const FRESH_MS = 1_000;
/** A killed service restarts in under a second, so rounds must be more frequent to show the outage. */
const ROUND_EVERY_MS = 250;
const WATCHED_FOR_MS = 10_000;
const ROUNDS_KEPT = 60;
/** Without a round in this time, nothing is known that a timeout could leave unchanged. */
const TIMEOUT_COUNTS_AFTER_MS = 10_000;

/** Probes all services concurrently. Callers that arrive during a round share its result. */
export function createHealthProber({ probes, now = Date.now, every = repeat }: HealthProberOptions): HealthProber {
  const rounds: ServiceStatus[][] = [];
  const dependencyNames = new Set<string>();
  let lastResults: ReadonlyMap<string, ProbeResult> = new Map();
  let current: Promise<ServiceStatus[]> | undefined;
  let newestAt = Number.NEGATIVE_INFINITY;
  let watchedUntil = Number.NEGATIVE_INFINITY;
  let stopWatching: (() => void) | undefined;

  function probeAll(): Promise<ServiceStatus[]> {
    // The signal of the first caller would cancel the round for all callers that share it.
    const { signal } = new AbortController();
    current ??= Promise.all(probes.map((probe) => probe.check(signal))).then((results) => {
      const round = toRound(withoutFirstTimeouts(results.flat()));
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

  /**
   * Replaces the first timeout of a replica by its previous result. A busy machine can delay one response, so only two
   * timeouts in a row mean that a replica is down.
   */
  function withoutFirstTimeouts(results: readonly ProbeResult[]): ProbeResult[] {
    const previous = now() - newestAt < TIMEOUT_COUNTS_AFTER_MS ? lastResults : new Map<string, ProbeResult>();
    lastResults = new Map(results.map((result) => [result.status.name, result]));
    return results.map((result) => {
      const before = previous.get(result.status.name);
      if (!result.isTimeout || !before || before.isTimeout) return result;
      return { ...before, status: { ...before.status, checked_at: result.status.checked_at, latency_ms: null } };
    });
  }

  /** Appends the dependencies to the services. One that only a service that is down can check is unknown. */
  function toRound(results: readonly ProbeResult[]): ServiceStatus[] {
    for (const { dependencies } of results) for (const { name } of dependencies) dependencyNames.add(name);
    return [
      ...results.map(({ status }) => status),
      ...[...dependencyNames].map((name) => toDependencyStatus(name, results, new Date(now()).toISOString())),
    ];
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
      return newest.map((service) => ({
        ...service,
        recent_probes: rounds.flatMap((round) => {
          const probe = round.find(({ name }) => name === service.name);
          return probe ? [{ status: probe.status, checked_at: probe.checked_at, latency_ms: probe.latency_ms }] : [];
        }),
      }));
    },
  };
}

function toDependencyStatus(name: string, results: readonly ProbeResult[], checked_at: string): ServiceStatus {
  const base = { name, checked_at, latency_ms: null, version: null, uptime_s: null, pid: null };
  const checks = results.flatMap(({ status, dependencies }) =>
    dependencies.filter((check) => check.name === name).map((check) => ({ service: status.name, ...check })),
  );
  const failed = checks.filter(({ ok }) => !ok);
  if (checks.length === 0) return { ...base, status: 'unknown', detail: 'No service that uses it responds.' };
  if (failed.length === 0) return { ...base, status: 'up', latency_ms: checks[0]?.latency_ms ?? null, detail: null };
  const reason = failed[0]?.detail ?? 'It is not available.';
  const detail =
    failed.length === checks.length ? reason : `${reason} Reported by ${failed.map(({ service }) => service).join(', ')}.`;
  return { ...base, status: 'down', detail };
}

function repeat(ms: number, callback: () => void): () => void {
  // The timer must not keep the process alive.
  const timer = setInterval(callback, ms).unref();
  return () => clearInterval(timer);
}

/** Returns the replicas of a service: the entry `model`, or `model 1`, `model 2` and so on. */
export function replicasOf<Status extends ServiceStatus>(services: readonly Status[], service: string): Status[] {
  return services.filter(({ name }) => name === service || name.startsWith(`${service} `));
}
