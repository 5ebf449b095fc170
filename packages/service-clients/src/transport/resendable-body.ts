import type { ExchangeRequest } from './exchange.ts';

export interface ResendableBody {
  /** To be handed to one exchange after the other. */
  readonly content: ExchangeRequest['body'];
  /** Whether something of it has been taken that cannot be had again. */
  isBegun(): boolean;
}

/** Tells whether a body may still go to somebody else. Text always may. */
export function resendableBody(body: ExchangeRequest['body']): ResendableBody {
  if (body === undefined || typeof body === 'string') return { content: body, isBegun: () => false };
  let isBegun = false;
  return {
    // An exchange that gives up before the first piece ends this generator, which has not touched the body then.
    content: {
      async *[Symbol.asyncIterator]() {
        isBegun = true;
        yield* body;
      },
    },
    isBegun: () => isBegun,
  };
}
