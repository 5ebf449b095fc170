import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '@prodigon/api-client';
import { API_KEY } from './platform-hosts.ts';

const POLL_EVERY_MS = 250;
const TIMEOUT_MS = 3_000;

/** Watches the overviews of all gateways, as the dashboard does. */
export function createHealthWatch(gatewayUrls: readonly string[]) {
  const gateways = gatewayUrls.map((baseUrl) => createApiClient({ baseUrl, apiKey: () => API_KEY }));

  /** Returns the problems that the overviews of all gateways show. */
  async function findProblems(): Promise<string[]> {
    const views = await Promise.all(
      gateways.map(async (gateway, index) => {
        try {
          const { services, jobs } = await gateway.overview(AbortSignal.timeout(TIMEOUT_MS));
          const down = services.filter(({ status }) => status !== 'up').map(({ name, status }) => `${name} is ${status}`);
          return [...down, ...(jobs === null ? ['there are no figures of jobs'] : [])];
        } catch {
          return [`gateway ${index + 1} does not respond`];
        }
      }),
    );
    return views.flat();
  }

  return {
    /** Resolves with the time when every gateway reports every service as up. Rejects after `timeoutMs`. */
    async waitUntilHealthy(timeoutMs: number): Promise<number> {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const problems = await findProblems();
        if (problems.length === 0) return performance.now();
        if (performance.now() > deadline) throw new Error(`The platform has not recovered: ${problems.join(', ')}`);
        await wait(POLL_EVERY_MS);
      }
    },
  };
}
