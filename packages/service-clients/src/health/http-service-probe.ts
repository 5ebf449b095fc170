import { healthSchema, type ServiceStatus } from '@prodigon/contracts';
import type { ServiceProbe } from '@prodigon/ports';
import { request } from 'undici';

/** Asks a service's `/health` on a connection of its own, as a stranger would, and times the round trip. */
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
      const measured = { name, checked_at: new Date().toISOString() };
      try {
        const response = await request(`${url}/health`, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          reset: true,
        });
        const { status, version, uptime_s, pid } = healthSchema.parse(await response.body.json());
        const latency_ms = Math.round((performance.now() - startedAt) * 100) / 100;
        return { ...measured, status: status === 'ok' ? 'up' : 'draining', latency_ms, version, uptime_s, pid, detail: null };
      } catch (error) {
        return { ...measured, ...NOT_MEASURED, status: 'down', detail: reasonOf(error, timeoutMs) };
      }
    },
  };
}

/** One probe for each replica of a service: `model`, or `model 1`, `model 2` and so on where there are several. */
export function createHttpServiceProbes({ name, urls }: { name: string; urls: readonly string[] }): ServiceProbe[] {
  return urls.map((url, index) => createHttpServiceProbe({ name: urls.length === 1 ? name : `${name} ${index + 1}`, url }));
}

const NOT_MEASURED = { latency_ms: null, version: null, uptime_s: null, pid: null } satisfies Partial<ServiceStatus>;

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return `It did not answer within ${timeoutMs} ms.`;
  if (code === 'ECONNREFUSED') return 'Nothing listens at its address.';
  if (name === 'ZodError' || name === 'SyntaxError') return 'Something else answers at its address.';
  return 'The connection broke before it had answered.';
}
