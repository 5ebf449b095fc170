import type { SystemOverview } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import {
  initialOverview,
  isConnectionLost,
  PROBES_MAX,
  recordFailure,
  recordOverview,
  serviceViews,
  systemStatus,
  systemVerdict,
} from './overview-state.ts';

function overview(model: 'up' | 'down'): SystemOverview {
  const measured = {
    checked_at: '2026-01-01T00:00:00Z',
    latency_ms: 1,
    version: '1',
    uptime_s: 2,
    pid: 3,
    detail: null,
    recent_probes: [],
  };
  return {
    version: '1',
    environment: 'test',
    topology: 'services',
    node_version: 'v24',
    streams: { active: 0, max: 10 },
    default_model: null,
    jobs: null,
    services: [
      { name: 'gateway', status: 'up', ...measured },
      { name: 'model', status: model, ...measured, detail: model === 'down' ? 'Connection refused' : null },
    ],
  };
}

describe('overview state', () => {
  it('shows the statuses that the gateway measured', () => {
    const state = recordOverview(initialOverview, overview('down'), 1);
    expect(serviceViews(state).map(({ name, status, detail }) => [name, status, detail])).toEqual([
      ['gateway', 'up', null],
      ['model', 'down', 'Connection refused'],
    ]);
    expect(systemStatus(state)).toBe('down');
    expect(systemStatus(recordOverview(initialOverview, overview('up'), 1))).toBe('up');
  });

  it('shows an outage between two overviews for five seconds', () => {
    const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
    const overviewAt = (second: number, statuses: ('up' | 'down')[]): SystemOverview => {
      const { services, ...rest } = overview('up');
      const recent_probes = statuses.map((status, index) => ({ status, checked_at: at(index), latency_ms: null }));
      return { ...rest, services: services.map((service) => ({ ...service, checked_at: at(second), recent_probes })) };
    };
    const before = recordOverview(initialOverview, overviewAt(0, ['up']), 1);
    const after = recordOverview(before, overviewAt(2, ['up', 'down', 'up']), 2);
    expect(serviceViews(after)[1]).toMatchObject({ status: 'recovered', detail: 'Was down until a few seconds ago.' });
    expect(systemStatus(after)).toBe('recovered');
    const soon = recordOverview(after, overviewAt(3, ['up', 'down', 'up', 'up']), 3);
    expect(serviceViews(soon)[1]).toMatchObject({ status: 'recovered' });
    const later = recordOverview(after, overviewAt(3, ['up', 'down', 'up', 'up']), 5_002);
    expect(serviceViews(later)[1]).toMatchObject({ status: 'up', detail: null });
    expect(later.history.model?.map(({ status }) => status)).toEqual(['up', 'down', 'up']);
  });

  it('shows a gateway that was replaced between two overviews as recovered', () => {
    const { services, ...rest } = overview('up');
    const before = recordOverview(initialOverview, { ...rest, services }, 1);
    const after = recordOverview(
      before,
      { ...rest, services: services.map((service) => (service.name === 'gateway' ? { ...service, pid: 99 } : service)) },
      2,
    );
    expect(serviceViews(after).map(({ status }) => status)).toEqual(['recovered', 'up']);
    expect(
      serviceViews(recordOverview(after, { ...rest, services: after.overview?.services ?? [] }, 5_002)).map(
        ({ status }) => status,
      ),
    ).toEqual(['up', 'up']);
  });

  it('identifies a process in a container by its host name', () => {
    const { services, ...rest } = overview('up');
    const withHost = (hostname: string) => ({ ...rest, services: services.map((each) => ({ ...each, pid: 1, hostname })) });
    const before = recordOverview(initialOverview, withHost('one'), 1);
    expect(systemStatus(recordOverview(before, withHost('one'), 2))).toBe('up');
    expect(systemStatus(recordOverview(before, withHost('other'), 2))).toBe('recovered');
  });

  it('shows the other services as unknown while the gateway is unreachable', () => {
    const state = recordFailure(recordOverview(initialOverview, overview('up'), 1), 'No response.', 2);
    expect(serviceViews(state).map(({ name, status, isStale }) => [name, status, isStale])).toEqual([
      ['gateway', 'unreachable', true],
      ['model', 'unknown', true],
    ]);
    expect(state.receivedAt).toBe(1);
    expect(state.history.model?.map(({ status }) => status)).toEqual(['up', 'unknown']);
    expect(systemStatus(state)).toBe('unreachable');
  });

  it('is unknown before the first overview and shows only the gateway if that fails', () => {
    expect(systemStatus(initialOverview)).toBe('unknown');
    expect(serviceViews(recordFailure(initialOverview, 'No response.', 1))).toMatchObject([
      { name: 'gateway', status: 'unreachable', measured: null },
    ]);
  });

  it('reports a lost connection from the second consecutive failure until the next overview', () => {
    const once = recordFailure(initialOverview, 'No response.', 1);
    const twice = recordFailure(once, 'No response.', 2);
    expect([once, twice].map(isConnectionLost)).toEqual([false, true]);
    expect(isConnectionLost(recordOverview(twice, overview('up'), 3))).toBe(false);
  });

  it('shows the last overview after one timeout, and the gateway as unreachable after two in a row', () => {
    const before = recordOverview(initialOverview, overview('up'), 1);
    const once = recordFailure(before, 'No response.', 2, true);
    expect([systemStatus(once), once.history, isConnectionLost(once)]).toEqual(['up', before.history, false]);
    const twice = recordFailure(once, 'No response.', 3, true);
    expect([systemStatus(twice), isConnectionLost(twice)]).toEqual(['unreachable', true]);
    expect(systemStatus(recordFailure(recordOverview(once, overview('up'), 3), 'No response.', 4, true))).toBe('up');
    expect(systemStatus(recordFailure(initialOverview, 'No response.', 1, true))).toBe('unreachable');
  });

  it('keeps only the latest probes', () => {
    let state = initialOverview;
    for (let at = 0; at < PROBES_MAX + 5; at += 1) state = recordOverview(state, overview('up'), at);
    expect(state.history.gateway).toHaveLength(PROBES_MAX);
    expect(state.history.gateway?.at(-1)?.at).toBe(PROBES_MAX + 4);
  });

  it('ranks down above draining above up', () => {
    const withStatuses = (...statuses: ('up' | 'draining' | 'down')[]) => {
      const { services, ...rest } = overview('up');
      const [service] = services;
      return recordOverview(
        initialOverview,
        {
          ...rest,
          services: statuses.map((status, index) => ({ ...service, name: `s${index}`, status }) as typeof service & object),
        },
        1,
      );
    };
    expect(systemStatus(withStatuses('up', 'draining', 'down'))).toBe('down');
    expect(systemStatus(withStatuses('up', 'draining'))).toBe('draining');
    expect(systemStatus(withStatuses('up', 'up'))).toBe('up');
  });
});

describe('systemVerdict', () => {
  const verdictOf = (...statuses: SystemOverview['services'][number]['status'][]) => {
    const [service] = overview('up').services;
    if (!service) throw new Error('The overview has no service.');
    const services = statuses.map((status, index) => ({ ...service, name: ['gateway', 'model', 'worker'][index] ?? '', status }));
    return systemVerdict(recordOverview(initialOverview, { ...overview('up'), services }, 1));
  };

  it('names the services with the worst status', () => {
    expect(verdictOf('up', 'up', 'up')).toEqual({ status: 'up', text: 'All systems up' });
    expect(verdictOf('up', 'down', 'unready')).toEqual({ status: 'down', text: 'model is down' });
    expect(verdictOf('up', 'down', 'down')).toEqual({ status: 'down', text: 'model and worker are down' });
    expect(verdictOf('up', 'up', 'unready')).toEqual({ status: 'unready', text: 'worker is not ready' });
    expect(verdictOf('draining', 'up', 'up').text).toBe('gateway is draining');
    expect(verdictOf('up', 'unknown', 'unknown').text).toBe('The status of model and worker is unknown');
  });

  it('reports a service that has recovered, an unreachable gateway, and nothing before the first overview', () => {
    const down = recordOverview(initialOverview, overview('down'), 1);
    const restarted = overview('up');
    const [service] = restarted.services;
    const replaced = { ...restarted, services: restarted.services.map((each) => ({ ...each, pid: 99 })) };
    expect(service).toBeDefined();
    expect(systemVerdict(recordOverview(down, replaced, 2)).text).toMatch(/ha(s|ve) recovered$/);
    expect(systemVerdict(recordFailure(down, 'No response', 3)).text).toBe('Gateway unreachable');
    expect(systemVerdict(initialOverview)).toEqual({ status: 'unknown', text: 'Loading…' });
  });
});
