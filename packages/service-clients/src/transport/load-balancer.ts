import { createReplayableBody } from './replayable-body.ts';
import {
  createReplica,
  drainResponse,
  isRejectedBeforeProcessing,
  type Replica,
  type ReplicaOptions,
  unreferencedTimeout,
} from './replica.ts';
import { ConnectionError, type Transport } from './transport.ts';

export interface LoadBalancerOptions {
  /** One for each replica of the service, at least one. */
  transports: readonly Transport[];
  after?: ReplicaOptions['after'];
}

/**
 * One service that several processes offer. A request goes to the replica with the fewest pending ones, in
 * turn where they are equal; it is pending until its answer has closed. A replica whose connection is refused
 * or breaks, or that refuses work because it drains, gets none until its `/readyz` answers 200 again. When
 * there is no other, the one that has been without work for the longest is tried.
 *
 * A request is sent again, to a replica that it has not been at, only
 * - when nobody has worked on it: the connection could not be made, or a draining replica refused it at the door;
 * - once, if it says that it is repeatable, when its connection died before the headers of an answer: the
 *   process is gone, and with it what it had asked a provider.
 *
 * A body that comes in pieces is not sent again once the first was taken. Who is slow or answers with an error
 * is never repeated elsewhere. A single exchange is returned as it is.
 */
export function createLoadBalancer({ transports, after = unreferencedTimeout }: LoadBalancerOptions): Transport {
  const [only, ...others] = transports;
  if (only && others.length === 0) return only;
  const replicas = transports.map((transport) => createReplica({ transport, after }));
  let turn = 0;

  function choose(tried: ReadonlySet<Replica>): Replica | undefined {
    const left = [...replicas.slice(turn), ...replicas.slice(0, turn)].filter((replica) => !tried.has(replica));
    const working = left.filter(({ ejectedAt }) => ejectedAt === null);
    const chosen = smallest(working, ({ pending }) => pending) ?? smallest(left, ({ ejectedAt }) => ejectedAt ?? 0);
    if (chosen) turn = (replicas.indexOf(chosen) + 1) % replicas.length;
    return chosen;
  }

  return {
    async send(request) {
      const body = createReplayableBody(request.body);
      const tried = new Set<Replica>();
      let wasMoved = false;

      /** Who takes it after this one has not. Undefined when nobody may, or nobody is left. */
      function next(isRepeat: boolean): Replica | undefined {
        if (body.isConsumed() || (isRepeat && (wasMoved || !request.isRetryable))) return undefined;
        wasMoved ||= isRepeat;
        return choose(tried);
      }

      async function sendTo(replica: Replica | undefined): ReturnType<Transport['send']> {
        if (!replica) throw new ConnectionError('There is no replica', { isSent: false });
        tried.add(replica);
        let response: Awaited<ReturnType<Transport['send']>>;
        try {
          response = await replica.send({ ...request, body: body.content });
        } catch (error) {
          const isMovable = error instanceof ConnectionError && !request.signal.aborted;
          const following = isMovable ? next(error.isRequestSent) : undefined;
          if (following) return sendTo(following);
          throw error;
        }
        const following = isRejectedBeforeProcessing(response) ? next(false) : undefined;
        if (!following) return response;
        await drainResponse(response).catch(() => {});
        return sendTo(following);
      }

      return sendTo(choose(tried));
    },
    async close() {
      await Promise.all(replicas.map((replica) => replica.close()));
    },
  };
}

/** The first of those with the smallest value. */
function smallest<Item>(items: readonly Item[], sizeOf: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || sizeOf(item) < sizeOf(best) ? item : best),
    undefined,
  );
}
