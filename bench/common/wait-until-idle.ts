import { setTimeout as wait } from 'node:timers/promises';
import { OPEN_STREAMS_PATH } from '../provider/provider-server.ts';

const DRAIN_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 100;

/**
 * Waits until the streams of disconnected clients have ended at the provider. Closes the rest after five seconds, so that
 * they do not affect the next variant. Resolves with the number of streams that it closed.
 */
export async function waitUntilIdle(providerUrl: string, signal: AbortSignal): Promise<number> {
  for (let waitedMs = 0; waitedMs < DRAIN_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    if ((await requestOpenStreams(providerUrl, 'GET', signal)) === 0) return 0;
    await wait(POLL_INTERVAL_MS, null, { signal });
  }
  return requestOpenStreams(providerUrl, 'DELETE', signal);
}

async function requestOpenStreams(providerUrl: string, method: 'GET' | 'DELETE', signal: AbortSignal): Promise<number> {
  const response = await fetch(`${providerUrl}${OPEN_STREAMS_PATH}`, { method, signal });
  return ((await response.json()) as { open: number }).open;
}
