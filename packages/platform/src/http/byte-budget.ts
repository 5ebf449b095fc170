import { AppError } from '@prodigon/contracts';

/** The bytes of one holder. */
export interface ByteShare {
  /** Counts further bytes. Returns `SERVICE_UNAVAILABLE` when all holders together would exceed the budget. */
  add(bytes: number): AppError | undefined;
  /** Gives all bytes back. */
  close(): void;
}

export interface ByteBudget {
  open(): ByteShare;
}

/** Creates a ceiling for the bytes that several holders keep. `message` explains its error. */
export function createByteBudget(bytesMax: number, message: string): ByteBudget {
  let total = 0;
  return {
    open() {
      let own = 0;
      return {
        add(bytes) {
          if (total + bytes > bytesMax) return new AppError('SERVICE_UNAVAILABLE', message, { retryAfterSeconds: 1 });
          total += bytes;
          own += bytes;
          return undefined;
        },
        close() {
          total -= own;
          own = 0;
        },
      };
    },
  };
}

/** Bodies up to this length are not counted, so that large ones cannot keep small ones out. */
export const UNCOUNTED_BYTES = 64 << 10;

/** Creates the budget for the request bodies of one process. */
export const createBodyBudget = (bytesMax: number): ByteBudget =>
  createByteBudget(bytesMax, 'Too many large requests are in flight. Try again in a moment.');
