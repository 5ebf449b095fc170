import {
  createReplica,
  isRejectedBeforeProcessing,
  isRejectedByCircuitBreaker,
  type Replica,
  type ReplicaOptions,
  unreferencedTimeout,
} from './replica.ts';
import {
  ConnectionError,
  drainResponse,
  isWholeBody,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts';

export interface LoadBalancerOptions {
  /** One transport for each replica of the service, at least one. */
  readonly transports: readonly Transport[];
  readonly after?: ReplicaOptions['after'];
}

export interface BalancedReplicas {
  /** Returns the replicas at the time of a request. */
  readonly replicas: () => readonly Replica[] | Promise<readonly Replica[]>;
  readonly close: () => Promise<void>;
}

/** Creates a load balancer over a fixed list of replicas, see `balanceReplicas`. A single transport is returned unchanged. */
export function createLoadBalancer({ transports, after = unreferencedTimeout }: LoadBalancerOptions): Transport {
  const [only, ...others] = transports;
  if (only && others.length === 0) return only;
  const replicas = transports.map((transport) => createReplica({ transport, after }));
  return balanceReplicas({
    replicas: () => replicas,
    close: async () => void (await Promise.all(replicas.map((replica) => replica.close()))),
  });
}

/**
 * Creates a load balancer over the replicas of a service: least outstanding requests, round-robin among equals. A replica
 * is ejected when its connection fails or it rejects work while it drains or lacks its database, until its `/readyz` returns 200. When all replicas are
 * ejected, the one that was ejected first is tried.
 *
 * A request fails over to an untried replica in two cases only:
 * - No replica has processed it: the connection failed to open, or the replica rejected it because it drains, lacks its database
 *   or has an open circuit breaker. An open circuit breaker does not eject a replica.
 * - Its connection died before the response headers, and it is retryable. The process is dead, and so are its provider
 *   calls. A request fails over at most once for this reason.
 *
 * A streamed body fails over only while at most 256 KB of it have been read. Slow responses and error responses never fail over.
 */
export function balanceReplicas({ replicas: currentReplicas, close }: BalancedReplicas): Transport {
  let turn = 0;

  function choose(replicas: readonly Replica[], tried: ReadonlySet<Replica>): Replica | undefined {
    const untried = [...replicas.slice(turn), ...replicas.slice(0, turn)].filter((replica) => !tried.has(replica));
    const admitted = untried.filter(({ ejectedAt }) => ejectedAt === null);
    const chosen = minBy(admitted, ({ pending }) => pending) ?? minBy(untried, ({ ejectedAt }) => ejectedAt ?? 0);
    if (chosen) turn = (replicas.indexOf(chosen) + 1) % replicas.length;
    return chosen;
  }

  return {
    async send(request) {
      const replicas = await currentReplicas();
      const body = createReplayableBody(request.body);
      const tried = new Set<Replica>();
      let hasRetried = false;

      /** Returns the replica to fail over to, or undefined when the request must not or cannot fail over. */
      function nextReplica(isRetry: boolean): Replica | undefined {
        if (body.isConsumed() || (isRetry && (hasRetried || !request.isRetryable))) return undefined;
        hasRetried ||= isRetry;
        return choose(replicas, tried);
      }

      async function sendTo(replica: Replica | undefined): Promise<TransportResponse> {
        if (!replica) throw new ConnectionError('There is no replica', { isRequestSent: false });
        tried.add(replica);
        let response: TransportResponse;
        try {
          response = await replica.send({ ...request, body: body.content });
        } catch (error) {
          const mayFailOver = error instanceof ConnectionError && !request.signal.aborted;
          const next = mayFailOver ? nextReplica(error.isRequestSent) : undefined;
          if (next) return sendTo(next);
          throw error;
        }
        const isUnprocessed = isRejectedBeforeProcessing(response) || isRejectedByCircuitBreaker(response);
        const next = isUnprocessed ? nextReplica(false) : undefined;
        if (!next) return response;
        await drainResponse(response).catch(() => {});
        return sendTo(next);
      }

      return sendTo(choose(replicas, tried)).finally(() => body.finish());
    },
    close,
  };
}

/** The bytes of a streamed body that are kept for another attempt. Most submissions of jobs are smaller. */
const REPLAY_BYTES_MAX = 256 << 10;

interface ReplayableBody {
  /** The body for each attempt. */
  readonly content: TransportRequest['body'];
  /** Whether an attempt has read so much of the body that no other attempt can read it again. */
  isConsumed(): boolean;
  /** Ends the body when no further attempt follows. */
  finish(): void;
}

function createReplayableBody(body: TransportRequest['body']): ReplayableBody {
  if (body === undefined || isWholeBody(body)) return { content: body, isConsumed: () => false, finish: () => {} };
  const source = body[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let bytesRead = 0;
  let isEnded = false;
  let isFinished = false;
  let readers = 0;
  let reading: Promise<void> | undefined;

  /** Reads one chunk. An attempt that has failed may still be reading it. */
  function read(): Promise<void> {
    reading ??= source
      .next()
      .then(({ done, value }) => {
        if (done) isEnded = true;
        else {
          chunks.push(value);
          bytesRead += value.length;
        }
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  const isConsumed = () => bytesRead > REPLAY_BYTES_MAX;

  function endWhenUnused(): void {
    if (readers === 0 && !isEnded && (isFinished || isConsumed())) source.return?.().catch(() => {});
  }

  const content = {
    async *[Symbol.asyncIterator]() {
      readers += 1;
      try {
        for (let index = 0; ; ) {
          const chunk = chunks[index];
          if (chunk) {
            yield chunk;
            // Nobody needs the beginning of a long body again.
            if (isConsumed()) chunks.splice(0, index + 1);
            index = isConsumed() ? 0 : index + 1;
          } else if (isEnded) return;
          else await read();
        }
      } finally {
        readers -= 1;
        endWhenUnused();
      }
    },
  };
  return {
    content,
    isConsumed,
    finish() {
      isFinished = true;
      endWhenUnused();
    },
  };
}

/** Returns the first item with the smallest key. */
function minBy<Item>(items: readonly Item[], keyOf: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || keyOf(item) < keyOf(best) ? item : best),
    undefined,
  );
}
