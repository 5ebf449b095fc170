import { INTERNAL_HEADERS } from '@prodigon/platform';
import { ConnectionError, drainResponse, type Transport, type TransportResponse } from './transport.ts';

export interface ReplicaOptions {
  readonly transport: Transport;
  /** Calls back once after `ms` milliseconds. Returns a function that cancels the timer. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** One process of a service. */
export interface Replica extends Transport {
  /** The number of requests whose responses have not ended. */
  readonly pending: number;
  /** When the replica was ejected, on the clock of `performance.now()`; null while it accepts requests. */
  readonly ejectedAt: number | null;
}

const FIRST_PROBE_DELAY_MS = 250;
const PROBE_DELAY_MS_MAX = 10_000;
const PROBE_TIMEOUT_MS = 1_500;

/**
 * Creates a replica that counts its pending requests. It is ejected when its connection fails or it rejects work while
 * draining. Probes of `/readyz` follow after 250 ms and then with doubled delays up to 10 s, until the replica is ready.
 */
export function createReplica({ transport, after }: ReplicaOptions): Replica {
  let pending = 0;
  let ejectedAt: number | null = null;
  let isClosed = false;
  let cancelProbe = () => {};

  function eject(): void {
    if (ejectedAt !== null || isClosed) return;
    ejectedAt = performance.now();
    probeAfter(FIRST_PROBE_DELAY_MS);
  }

  function readmit(): void {
    ejectedAt = null;
    cancelProbe();
  }

  function probeAfter(delayMs: number): void {
    const ejection = ejectedAt;
    cancelProbe = after(delayMs, async () => {
      const ready = await isReady();
      if (ejectedAt !== ejection || isClosed) return;
      if (ready) readmit();
      else probeAfter(Math.min(delayMs * 2, PROBE_DELAY_MS_MAX));
    });
  }

  /** Probes on the connection of requests, so that it is open for the next request. */
  async function isReady(): Promise<boolean> {
    const timeout = new AbortController();
    const cancelTimeout = after(PROBE_TIMEOUT_MS, () => timeout.abort());
    try {
      const response = await transport.send({ method: 'GET', path: '/readyz', headers: {}, signal: timeout.signal });
      await drainResponse(response);
      return response.status === 200;
    } catch {
      return false;
    } finally {
      cancelTimeout();
    }
  }

  return {
    get pending() {
      return pending;
    },
    get ejectedAt() {
      return ejectedAt;
    },
    async send(request) {
      const ejection = ejectedAt;
      pending += 1;
      try {
        const response = await transport.send(request);
        void response.closed.then(({ isBroken }) => {
          pending -= 1;
          if (isBroken) eject();
        });
        if (isRejectedBeforeProcessing(response)) eject();
        // A request that was sent before the ejection proves nothing about the replica's state after it.
        else if (ejection !== null && ejection === ejectedAt) readmit();
        return response;
      } catch (error) {
        pending -= 1;
        if (error instanceof ConnectionError && !request.signal.aborted) eject();
        throw error;
      }
    },
    close() {
      isClosed = true;
      cancelProbe();
      return transport.close();
    },
  };
}

/** Returns whether a replica that drains or lacks its database rejected the request without processing any of it. */
export const isRejectedBeforeProcessing = ({ headers }: TransportResponse): boolean =>
  headers[INTERNAL_HEADERS.rejected] !== undefined;

/**
 * Returns whether the circuit breaker of a replica rejected the request before it called a provider. Each replica of the model
 * service has its own breakers, and only its own link to the provider may be broken.
 */
export const isRejectedByCircuitBreaker = ({ headers }: TransportResponse): boolean =>
  headers[INTERNAL_HEADERS.circuitOpen] === 'true' && headers[INTERNAL_HEADERS.attempts] === '0';

/** Calls back after `ms` milliseconds, without keeping the process running. Returns a function that cancels the timer. */
export function unreferencedTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms).unref();
  return () => clearTimeout(timer);
}
