import type { TransportRequest } from './transport.ts';

export interface ReplayableBody {
  /** To be handed to one exchange after the other. */
  readonly content: TransportRequest['body'];
  /** Whether something of it has been taken that cannot be had again. */
  isConsumed(): boolean;
}

/** Tells whether a body may still go to somebody else. Text always may. */
export function createReplayableBody(body: TransportRequest['body']): ReplayableBody {
  if (body === undefined || typeof body === 'string') return { content: body, isConsumed: () => false };
  let isBegun = false;
  return {
    // An exchange that gives up before the first piece ends this generator, which has not touched the body then.
    content: {
      async *[Symbol.asyncIterator]() {
        isBegun = true;
        yield* body;
      },
    },
    isConsumed: () => isBegun,
  };
}
