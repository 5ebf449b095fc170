import type { ServiceOverview, ServiceStatus, SystemOverview } from '@prodigon/contracts';

/** What a probe found. `unreachable` and `unknown` are what this page saw; the rest is what the gateway measured. */
export type ProbeStatus = ServiceStatus['status'] | 'unreachable' | 'unknown';

export interface Probe {
  status: ProbeStatus;
  /** When, in milliseconds since the epoch. */
  at: number;
  latencyMs: number | null;
}

/**
 * What happened to a service between two answers. The gateway probes more often than this page asks, so
 * an outage of half a second, which is all that a killed service takes to come back, is still shown once.
 */
function worstSince(service: ServiceOverview, previous: SystemOverview | null): ServiceStatus['status'] {
  const before = previous?.services.find(({ name }) => name === service.name);
  const since = before ? service.recent_probes.filter(({ checked_at }) => checked_at > before.checked_at) : [];
  // Another process under the same name: the one before it has ended, and if it was the gateway, nobody was left to probe.
  const isAnother = before?.pid != null && service.pid !== null && before.pid !== service.pid;
  const statuses = [service.status, ...since.map(({ status }) => status), ...(isAnother ? (['down'] as const) : [])];
  return SEVERITY.find((status) => statuses.includes(status)) ?? service.status;
}

const SEVERITY = ['down', 'draining', 'up'] as const;

export interface OverviewState {
  /** The last answer, however old; null before the first. */
  overview: SystemOverview | null;
  receivedAt: number | null;
  /** Why the last request failed, in words; null when it did not. */
  failure: string | null;
  failuresInRow: number;
  /** The newest probes of each service, oldest first. */
  history: Readonly<Record<string, readonly Probe[]>>;
}

export interface ServiceView {
  name: string;
  status: ProbeStatus;
  detail: string | null;
  /** The last measurement, which is old when `isStale`; null when there never was one. */
  measured: ServiceStatus | null;
  isStale: boolean;
}

export const GATEWAY = 'gateway';
export const PROBES_KEPT = 40;
const FAILURES_BEFORE_ALARM = 2;

export const initialOverview: OverviewState = {
  overview: null,
  receivedAt: null,
  failure: null,
  failuresInRow: 0,
  history: {},
};

export function recordAnswer(state: OverviewState, overview: SystemOverview, at: number): OverviewState {
  const probes = overview.services.map((service) => {
    const status = worstSince(service, state.overview);
    return [service.name, { status, at, latencyMs: service.latency_ms }] as const;
  });
  return { overview, receivedAt: at, failure: null, failuresInRow: 0, history: withProbes(state.history, probes) };
}

/** The gateway did not answer: that is all this page knows, so it says nothing about the services behind it. */
export function recordFailure(state: OverviewState, failure: string, at: number): OverviewState {
  const names = new Set([GATEWAY, ...Object.keys(state.history)]);
  const probes = [...names].map((name) => {
    const status: ProbeStatus = name === GATEWAY ? 'unreachable' : 'unknown';
    return [name, { status, at, latencyMs: null }] as const;
  });
  return { ...state, failure, failuresInRow: state.failuresInRow + 1, history: withProbes(state.history, probes) };
}

export function isConnectionLost(state: OverviewState): boolean {
  return state.failuresInRow >= FAILURES_BEFORE_ALARM;
}

/** Every service as it may be shown now: measured, or unreachable and unknown with the last measurement aside. */
export function servicesOf({ overview, failure, history }: OverviewState): ServiceView[] {
  const measured = overview?.services ?? [];
  if (failure === null) {
    return measured.map((service) => {
      const { name } = service;
      const status = history[name]?.at(-1)?.status ?? service.status;
      const isBack = status === 'down' && service.status === 'up';
      return {
        name,
        status,
        detail: isBack ? 'It was down a moment ago and answers again.' : service.detail,
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
      detail: 'Only the gateway can ask it.',
      measured: service,
      isStale: true,
    })),
  ];
}

/** The whole system in one word: the worst of its services. */
export function systemStatus(state: OverviewState): ProbeStatus {
  if (state.failure !== null) return 'unreachable';
  if (!state.overview) return 'unknown';
  const statuses = servicesOf(state).map(({ status }) => status);
  if (statuses.includes('down')) return 'down';
  return statuses.includes('draining') ? 'draining' : 'up';
}

function withProbes(history: OverviewState['history'], probes: readonly (readonly [string, Probe])[]): OverviewState['history'] {
  const next = { ...history };
  for (const [name, probe] of probes) next[name] = [...(next[name] ?? []), probe].slice(-PROBES_KEPT);
  return next;
}
