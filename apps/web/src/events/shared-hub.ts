import type { HubMessage, HubRequest } from './event-protocol.ts';

export type SendRequest = (request: HubRequest) => void;

export interface SharedHubDependencies {
  /** Connects to the worker with this number. All tabs share the worker of a number. */
  connectWorker: (number: number, onMessage: (message: HubMessage) => void, onError: () => void) => SendRequest;
  /** Creates a hub in this tab. */
  createOwnHub: (onMessage: (message: HubMessage) => void) => SendRequest;
}

/** A worker whose process has ended reports no error. It only stops replying. */
const REPLY_TIMEOUT_MS = 10_000;
const WORKERS_MAX = 3;

/**
 * Connects a tab to the hub in a worker that all tabs share. If the worker does not reply, connects to another one. If
 * several do not, or a script cannot be loaded, for example after an update of the platform, the tab gets its own hub.
 */
export function connectToSharedHub(
  { connectWorker, createOwnHub }: SharedHubDependencies,
  onMessage: (message: HubMessage) => void,
): SendRequest {
  let number = 0;
  let latest: HubRequest | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let send = connect();

  function connect(): SendRequest {
    const own = number;
    if (own >= WORKERS_MAX) return createOwnHub(onMessage);
    const receive = (message: HubMessage) => {
      if (own !== number) return;
      clearTimeout(timer);
      timer = undefined;
      onMessage(message);
    };
    return connectWorker(own, receive, () => own === number && replace(WORKERS_MAX));
  }

  function replace(next: number): void {
    clearTimeout(timer);
    timer = undefined;
    // If the worker is only slow, it must no longer serve this tab.
    if (latest) send({ ...latest, topics: {} });
    number = next;
    send = connect();
    if (latest) request(latest);
  }

  function request(next: HubRequest): void {
    latest = next;
    send(next);
    // A tab without topics is hidden or about to unload, and the browser may delay its timers.
    if (number < WORKERS_MAX && Object.keys(next.topics).length > 0)
      timer ??= setTimeout(() => replace(number + 1), REPLY_TIMEOUT_MS);
    else clearTimeout(timer);
  }

  return request;
}
