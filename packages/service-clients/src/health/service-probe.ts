import { type Health, healthSchema, type ServiceStatus } from '@prodigon/contracts';
import type { ServiceProbe } from '@prodigon/ports';
import { request } from 'undici';

/** Creates a probe that requests a service's `/health` on a new connection, as an external client does, and measures the round trip. */
export function createHttpServiceProbe({
  name,
  url,
  timeoutMs = 1_000,
}: {
  name: string;
  url: string;
  timeoutMs?: number;
}): ServiceProbe {
  return {
    name,
    async check(signal) {
      const startedAt = performance.now();
      const result = { name, checked_at: new Date().toISOString() };
      try {
        const response = await request(`${url}/health`, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          reset: true,
        });
        const { status, version, uptime_s, pid } = healthSchema.parse(await response.body.json());
        const latency_ms = Math.round((performance.now() - startedAt) * 100) / 100;
        return { ...result, status: status === 'ok' ? 'up' : 'draining', latency_ms, version, uptime_s, pid, detail: null };
      } catch (error) {
        return { ...result, ...NOT_MEASURED, status: 'down', detail: reasonOf(error, timeoutMs) };
      }
    },
  };
}

/** Creates one probe for each replica: `model`, or `model 1`, `model 2` and so on when there are several. */
export function createHttpServiceProbes({ name, urls }: { name: string; urls: readonly string[] }): ServiceProbe[] {
  return urls.map((url, index) => createHttpServiceProbe({ name: urls.length === 1 ? name : `${name} ${index + 1}`, url }));
}

/** Creates a probe of a service in this process. Its latency is null, because there is no round trip. */
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

const NOT_MEASURED = { latency_ms: null, version: null, uptime_s: null, pid: null } satisfies Partial<ServiceStatus>;

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return `The service did not respond within ${timeoutMs} ms.`;
  if (code === 'ECONNREFUSED') return 'No process listens at its address.';
  if (name === 'ZodError' || name === 'SyntaxError') return 'Another program listens at its address.';
  return 'The connection broke before the response.';
}
