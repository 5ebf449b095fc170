import { storedApiKey, useApiKey } from '../api/api.ts';
import { createEventClient } from './event-client.ts';
import { createEventHub } from './event-hub.ts';
import type { HubMessage } from './event-protocol.ts';
import { openEventStream } from './open-event-stream.ts';
import { connectToSharedHub, type SendRequest } from './shared-hub.ts';

const REPEAT_INTERVAL_MS = 20_000;

/** Connects to the hub that all tabs share, or to a hub in this tab if the browser has no `SharedWorker`. */
function connect(onMessage: (message: HubMessage) => void): SendRequest {
  document.addEventListener('visibilitychange', events.refresh);
  window.addEventListener('pageshow', events.refresh);
  window.addEventListener('pagehide', events.release);
  setInterval(events.refresh, REPEAT_INTERVAL_MS);
  useApiKey.subscribe(({ keyVersion }, before) => {
    if (keyVersion === before.keyVersion) return;
    // Requests the topics again even if the user entered the same key, which the gateway may accept now.
    events.release();
    events.refresh();
  });
  return 'SharedWorker' in window ? connectToSharedHub({ connectWorker, createOwnHub }, onMessage) : createOwnHub(onMessage);
}

function connectWorker(number: number, onMessage: (message: HubMessage) => void, onError: () => void): SendRequest {
  const name = `prodigon-events-${number}`;
  const worker = new SharedWorker(new URL('./event-worker.ts', import.meta.url), { type: 'module', name });
  worker.port.onmessage = ({ data }: MessageEvent<HubMessage>) => onMessage(data);
  worker.onerror = onError;
  return (request) => worker.port.postMessage(request);
}

function createOwnHub(onMessage: (message: HubMessage) => void): SendRequest {
  return createEventHub({ open: openEventStream }).addTab(onMessage);
}

/** The events of the gateway for this tab. */
export const events = createEventClient({
  connect,
  apiKey: storedApiKey,
  isHidden: () => document.hidden,
  onUnauthenticated: () => useApiKey.getState().requireKey(),
});
