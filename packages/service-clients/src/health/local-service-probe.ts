import type { Health } from '@prodigon/contracts';
import type { ServiceProbe } from '@prodigon/ports';

/** A service in this process: there is no round trip to measure, so its latency is null. */
export function createLocalServiceProbe({ name, health }: { name: string; health: () => Health }): ServiceProbe {
  return {
    name,
    async check() {
      const { status, version, uptime_s, pid } = health();
      return {
        name,
        status: status === 'ok' ? 'up' : 'draining',
        checked_at: new Date().toISOString(),
        latency_ms: null,
        version,
        uptime_s,
        pid,
        detail: null,
      };
    },
  };
}
