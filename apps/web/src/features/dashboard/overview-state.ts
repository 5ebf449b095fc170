import type { ServiceOverview, ServiceStatus, SystemOverview } from '@prodigon/contracts';

/** The result of a probe. `unreachable` comes from the web UI, the others from the gateway. */
export type ProbeStatus = ServiceStatus['status'] | 'unreachable';

export interface Probe {
  status: ProbeStatus;
  /** In milliseconds since the epoch. */
  at: number;
  latencyMs: number | null;
}

export interface OverviewState {
  /** The latest overview, however old; null before the first. */
  overview: SystemOverview | null;
  receivedAt: number | null;
  /** Why the latest request failed; null if it succeeded. */
  failure: string | null;
  consecutiveFailures: number;
  /** The latest probes of each service, oldest first. */
  history: Readonly<Record<string, readonly Probe[]>>;
}

/** A recovered service was down in the last seconds, and is up again. */
export type ShownStatus = ProbeStatus | 'recovered';

export interface ServiceView {
  name: string;
  status: ShownStatus;
  detail: string | null;
  /** The latest measurement, not current while `isStale`; null if there is none. */
  measured: ServiceStatus | null;
  isStale: boolean;
}

export const GATEWAY = 'gateway';
export const PROBES_MAX = 40;
const FAILURES_UNTIL_LOST = 2;
const RECOVERED_SHOWN_MS = 5_000;
const BY_SEVERITY = ['down', 'unready', 'draining', 'unknown', 'up'] as const;
const SHOWN_BY_SEVERITY = ['down', 'unready', 'draining', 'unknown', 'recovered', 'up'] as const;

export const initialOverview: OverviewState = {
  overview: null,
  receivedAt: null,
  failure: null,
  consecutiveFailures: 0,
  history: {},
};

export function recordOverview(state: OverviewState, overview: SystemOverview, at: number): OverviewState {
  const probes = overview.services.map((service) => {
    const status = worstStatusSince(service, state.overview);
    return [service.name, { status, at, latencyMs: service.latency_ms }] as const;
  });
  return { overview, receivedAt: at, failure: null, consecutiveFailures: 0, history: appendProbes(state.history, probes) };
}

/**
 * Records that the gateway did not respond, which makes the status of all other services unknown. A busy machine can delay
 * one response, so that the first timeout in a row only counts.
 */
export function recordFailure(state: OverviewState, failure: string, at: number, isTimeout = false): OverviewState {
  if (isTimeout && state.overview && state.consecutiveFailures === 0) return { ...state, consecutiveFailures: 1 };
  const names = new Set([GATEWAY, ...Object.keys(state.history)]);
  const probes = [...names].map((name) => {
    const status: ProbeStatus = name === GATEWAY ? 'unreachable' : 'unknown';
    return [name, { status, at, latencyMs: null }] as const;
  });
  return {
    ...state,
    failure,
    consecutiveFailures: state.consecutiveFailures + 1,
    history: appendProbes(state.history, probes),
  };
}

/**
 * The worst status of a service since the previous overview. The gateway probes more often than the web UI
 * polls, so that an outage of half a second, the time of a restart, still shows once.
 */
function worstStatusSince(service: ServiceOverview, previous: SystemOverview | null): ServiceStatus['status'] {
  const before = previous?.services.find(({ name }) => name === service.name);
  const probes = before ? service.recent_probes.filter(({ checked_at }) => checked_at > before.checked_at) : [];
  // Another process means that the previous one has ended, even if no probe could observe it.
  const process = before && processOf(before);
  const wasReplaced = process != null && processOf(service) !== null && process !== processOf(service);
  const statuses = [service.status, ...probes.map(({ status }) => status), ...(wasReplaced ? (['down'] as const) : [])];
  return BY_SEVERITY.find((status) => statuses.includes(status)) ?? service.status;
}

/** Identifies the process of a service: its container, where every process has the id 1, or its process id. */
export function processOf({ hostname, pid }: Pick<ServiceStatus, 'hostname' | 'pid'>): string | null {
  return hostname ?? pid?.toString() ?? null;
}

function appendProbes(
  history: OverviewState['history'],
  probes: readonly (readonly [string, Probe])[],
): OverviewState['history'] {
  const next = { ...history };
  for (const [name, probe] of probes) next[name] = [...(next[name] ?? []), probe].slice(-PROBES_MAX);
  return next;
}

export function isConnectionLost(state: OverviewState): boolean {
  return state.consecutiveFailures >= FAILURES_UNTIL_LOST;
}

/** The services as the dashboard shows them: as measured, or unreachable and unknown after a failure. */
export function serviceViews({ overview, receivedAt, failure, history }: OverviewState): ServiceView[] {
  const measured = overview?.services ?? [];
  if (failure === null) {
    return measured.map((service) => {
      const { name } = service;
      const lastDown = history[name]?.findLast(({ status }) => status === 'down');
      // Events can arrive in bursts, so the next overview must not hide the outage.
      const wasDown = lastDown !== undefined && receivedAt !== null && receivedAt - lastDown.at < RECOVERED_SHOWN_MS;
      const hasRecovered = wasDown && service.status === 'up';
      return {
        name,
        status: hasRecovered ? ('recovered' as const) : (history[name]?.at(-1)?.status ?? service.status),
        detail: hasRecovered ? 'Was down until a few seconds ago.' : service.detail,
        measured: service,
        isStale: false,
      };
    });
  }
  const gateway = measured.find(({ name }) => name === GATEWAY) ?? null;
  const others = measured.filter(({ name }) => name !== GATEWAY);
  return [
    { name: GATEWAY, status: 'unreachable', detail: failure, measured: gateway, isStale: true },
    ...others.map((service) => ({
      name: service.name,
      status: 'unknown' as const,
      detail: 'Unknown while the gateway is unreachable.',
      measured: service,
      isStale: true,
    })),
  ];
}

/** The status of the whole system: the worst status of its services. */
export function systemStatus(state: OverviewState): ShownStatus {
  if (state.failure !== null) return 'unreachable';
  if (!state.overview) return 'unknown';
  const statuses = serviceViews(state).map(({ status }) => status);
  return SHOWN_BY_SEVERITY.find((status) => statuses.includes(status)) ?? 'up';
}

export interface SystemVerdict {
  status: ShownStatus;
  /** Such as `All systems up` or `model and worker are down`. */
  text: string;
}

/** Describes the status of the system in one sentence, with the services that have the worst status. */
export function systemVerdict(state: OverviewState): SystemVerdict {
  const status = systemStatus(state);
  const names = serviceViews(state)
    .filter((service) => service.status === status)
    .map(({ name }) => name);
  return { status, text: describeStatus(status, new Intl.ListFormat('en').format(names), names.length > 1) };
}

function describeStatus(status: ShownStatus, names: string, isPlural: boolean): string {
  const are = isPlural ? 'are' : 'is';
  switch (status) {
    case 'up':
      return 'All systems up';
    case 'recovered':
      return `${names} ${isPlural ? 'have' : 'has'} recovered`;
    case 'unreachable':
      return 'Gateway unreachable';
    case 'unready':
      return `${names} ${are} not ready`;
    case 'unknown':
      return names ? `The status of ${names} is unknown` : 'Loading…';
    case 'down':
    case 'draining':
      return `${names} ${are} ${status}`;
  }
}
