import { type Health, healthSchema, type Readiness, readinessSchema, type ServiceStatus } from '@prodigon/contracts';
import type { ProbeResult, ServiceProbe } from '@prodigon/ports';
import { request } from 'undici';
import { createReplicaAddresses, type ReplicaAddress, type ReplicaAddressesOptions } from './replica-addresses.ts';

/** Longer than the checks of a service may take, so that a dependency that hangs makes it unready, not down. */
const PROBE_TIMEOUT_MS = 1_500;

interface ServiceProbeOptions extends Omit<ReplicaAddressesOptions, 'timeoutMs'> {
  name: string;
  timeoutMs?: number;
  /** `/health` ignores the dependencies. Gateways probe each other with it, because their readiness depends on probes. */
  path?: '/readyz' | '/health';
}

/**
 * Creates a probe of all replicas of a service: `model`, or `model 1`, `model 2` and so on when there are several. It
 * requests their `/readyz` or `/health` on new connections, as an external client does, and measures the round trips.
 */
export function createHttpServiceProbe(options: ServiceProbeOptions): ServiceProbe {
  const { name, path = '/readyz', timeoutMs = PROBE_TIMEOUT_MS } = options;
  const replicaAddresses = createReplicaAddresses({ ...options, timeoutMs });

  async function probe({ url, host }: ReplicaAddress, name: string, signal: AbortSignal): Promise<ProbeResult> {
    const startedAt = performance.now();
    const checked_at = new Date().toISOString();
    try {
      const response = await request(url + path, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: { host },
        reset: true,
      });
      const body = await response.body.json();
      const readiness = path === '/readyz' ? readinessSchema.parse(body) : toReadiness(healthSchema.parse(body));
      const latency_ms = Math.round((performance.now() - startedAt) * 100) / 100;
      return toProbeResult(readiness, { name, checked_at, latency_ms });
    } catch (error) {
      const detail = reasonOf(error, timeoutMs);
      const isTimeout = (error as Error).name === 'TimeoutError';
      return { status: { name, checked_at, ...NOT_MEASURED, status: 'down', detail }, dependencies: [], isTimeout };
    }
  }

  return {
    name,
    async check(signal) {
      const addresses = await replicaAddresses();
      const nameOf = ({ number }: ReplicaAddress) => (addresses.length === 1 ? name : `${name} ${number}`);
      return Promise.all(addresses.map((address) => probe(address, nameOf(address), signal)));
    },
  };
}

const toReadiness = (health: Health): Readiness => ({ ...health, ready: true, checks: [] });

/** Creates a probe of a service in this process. Its latency is null, because there is no round trip. */
export function createLocalServiceProbe({
  name,
  readiness,
}: {
  name: string;
  readiness: () => Promise<Readiness>;
}): ServiceProbe {
  return {
    name,
    async check() {
      const checked_at = new Date().toISOString();
      return [toProbeResult(await readiness(), { name, checked_at, latency_ms: null })];
    },
  };
}

/** The check that every service has. The others are of its dependencies. */
const NOT_DRAINING = 'not draining';

function toProbeResult(
  { status, ready, checks, version, uptime_s, pid, hostname }: Readiness,
  measured: Pick<ServiceStatus, 'name' | 'checked_at' | 'latency_ms'>,
): ProbeResult {
  const dependencies = checks.filter(({ name }) => name !== NOT_DRAINING);
  const failed = dependencies.filter(({ ok, required }) => required && !ok);
  const isDraining = status === 'draining';
  return {
    status: {
      ...measured,
      status: isDraining ? 'draining' : ready ? 'up' : 'unready',
      version,
      uptime_s,
      pid,
      ...(hostname !== undefined && { hostname }),
      detail: isDraining || ready ? null : failed.map(({ name, detail }) => detail ?? `The ${name} is not available.`).join(' '),
    },
    dependencies,
  };
}

const NOT_MEASURED = { latency_ms: null, version: null, uptime_s: null, pid: null } satisfies Partial<ServiceStatus>;

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return `The service did not respond within ${timeoutMs} ms.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Its host name cannot be resolved.';
  if (code === 'ECONNREFUSED') return 'No process listens at its address.';
  if (name === 'ZodError' || name === 'SyntaxError') return 'Another program listens at its address.';
  return 'The connection broke before the response.';
}
