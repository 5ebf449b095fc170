import { createEventHub } from './event-hub.ts';
import type { HubRequest } from './event-protocol.ts';
import { openEventStream } from './open-event-stream.ts';

/** Tabs repeat their requests every 20 seconds. */
const SILENT_TAB_MS = 60_000;

const hub = createEventHub({ open: openEventStream });
setInterval(() => hub.removeSilentTabs(SILENT_TAB_MS), SILENT_TAB_MS / 2);

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (!port) return;
  const request = hub.addTab((message) => port.postMessage(message));
  port.onmessage = ({ data }: MessageEvent<HubRequest>) => request(data);
});
