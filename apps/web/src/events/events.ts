import { storedApiKey, useApiKey } from '../api/api.ts';
import { createEventClient } from './event-client.ts';
import { createEventHub } from './event-hub.ts';
import type { HubMessage, HubRequest } from './event-protocol.ts';
import { openEventStream } from './open-event-stream.ts';

const REPEAT_INTERVAL_MS = 20_000;

/**
 * Connects to the worker that all tabs share, or to a hub in this tab if the browser has no `SharedWorker`. Keeps the
 * request of this tab current.
 */
function connect(onMessage: (message: HubMessage) => void): (request: HubRequest) => void {
  document.addEventListener('visibilitychange', events.refresh);
  window.addEventListener('pageshow', events.refresh);
  window.addEventListener('pagehide', events.release);
  setInterval(events.refresh, REPEAT_INTERVAL_MS);
  useApiKey.subscribe(({ keyVersion }, before) => {
    if (keyVersion !== before.keyVersion) events.refresh();
  });
  const createOwnHub = () => createEventHub({ open: openEventStream }).addTab(onMessage);
  if (!('SharedWorker' in window)) return createOwnHub();
  const worker = new SharedWorker(new URL('./event-worker.ts', import.meta.url), { type: 'module', name: 'prodigon-events' });
  let latest: HubRequest | undefined;
  let send = (request: HubRequest) => worker.port.postMessage(request);
  worker.port.onmessage = ({ data }: MessageEvent<HubMessage>) => onMessage(data);
  // The script of the worker cannot be loaded, for example after an update of the platform.
  worker.onerror = () => {
    send = createOwnHub();
    if (latest) send(latest);
  };
  return (request) => {
    latest = request;
    send(request);
  };
}

/** The events of the gateway for this tab. */
export const events = createEventClient({
  connect,
  apiKey: storedApiKey,
  isHidden: () => document.hidden,
  onUnauthenticated: () => useApiKey.getState().requireKey(),
});
