import { INTERNAL_HEADERS } from '@prodigon/platform';
import { ConnectionError, type Transport, type TransportResponse } from './transport.ts';

export interface ReplicaOptions {
  transport: Transport;
  /** Calls back once after so many milliseconds; what it returns takes it back. */
  after: (ms: number, callback: () => void) => () => void;
}

/** One process of a service, and whether it may have work. */
export interface Replica extends Transport {
  /** Requests whose answers have not closed. */
  readonly pending: number;
  /** Since when it gets no work, on the clock of `performance.now()`; null while it does. */
  readonly ejectedAt: number | null;
}

const FIRST_PROBE_AFTER_MS = 250;
const PROBE_AFTER_MS_MAX = 10_000;
const PROBE_WITHIN_MS = 1_500;

/**
 * Counts what is pending at a replica, and ejects it when its connection fails or it refuses work. It is
 * probed then, after 250 ms and twice as long each time up to 10 s, until it is ready.
 */
export function createReplica({ transport, after }: ReplicaOptions): Replica {
  let pending = 0;
  let ejectedAt: number | null = null;
  let isClosed = false;
  let takeProbeBack = () => {};

  function eject(): void {
    if (ejectedAt !== null || isClosed) return;
    ejectedAt = performance.now();
    probeAfter(FIRST_PROBE_AFTER_MS);
  }

  function admit(): void {
    ejectedAt = null;
    takeProbeBack();
  }

  function probeAfter(waitMs: number): void {
    const ejection = ejectedAt;
    takeProbeBack = after(waitMs, async () => {
      const ready = await isReady();
      if (ejectedAt !== ejection || isClosed) return;
      if (ready) admit();
      else probeAfter(Math.min(waitMs * 2, PROBE_AFTER_MS_MAX));
    });
  }

  /** Asks on the connection that requests would take, so that it is there when they come. */
  async function isReady(): Promise<boolean> {
    const giveUp = new AbortController();
    const takeBack = after(PROBE_WITHIN_MS, () => giveUp.abort());
    try {
      const response = await transport.send({ method: 'GET', path: '/readyz', headers: {}, signal: giveUp.signal });
      await drainResponse(response);
      return response.status === 200;
    } catch {
      return false;
    } finally {
      takeBack();
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
        // What was asked before it was ejected says nothing about how it is now.
        else if (ejection !== null && ejection === ejectedAt) admit();
        return response;
      } catch (error) {
        pending -= 1;
        if (error instanceof ConnectionError && !request.signal.aborted) eject();
        throw error;
      }
    },
    close() {
      isClosed = true;
      takeProbeBack();
      return transport.close();
    },
  };
}

/** Whether a draining replica has not even begun with it. */
export const isRejectedBeforeProcessing = ({ headers }: TransportResponse): boolean =>
  headers[INTERNAL_HEADERS.rejected] !== undefined;

/** HTTP/1.1 needs it to use the connection again. */
export async function drainResponse({ body }: TransportResponse): Promise<void> {
  for await (const _ of body);
}

/** The system's timer; waiting for it does not keep a process from ending. */
export function unreferencedTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms).unref();
  return () => clearTimeout(timer);
}
