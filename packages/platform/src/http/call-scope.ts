import type { FastifyReply } from 'fastify';
import { onResponseClosed } from './request-log.ts';

/** For how long a call counts towards limits: until its response closes, or longer if its work outlives the response. */
export interface CallScope {
  /** Adds headers to the response, unless they have been sent. */
  setHeaders(headers: Record<string, string>): void;
  /** Calls back at the end of the call, with whether the client disconnected before the end of its response. */
  onEnd(callback: (isDisconnected: boolean) => void): void;
}

/** Returns the scope of a call that ends with its response. */
export function responseScope(reply: FastifyReply): CallScope {
  return {
    setHeaders: (headers) => void reply.headers(headers),
    onEnd: (callback) => onResponseClosed(reply, () => callback(!reply.raw.writableEnded)),
  };
}

/** Returns the scope of a call that ends when its work does, whatever happens to the response. */
export function createCallScope(reply: FastifyReply): CallScope & { end(): void } {
  const callbacks: ((isDisconnected: boolean) => void)[] = [];
  let isEnded = false;
  return {
    setHeaders: (headers) => void (reply.sent || reply.headers(headers)),
    onEnd(callback) {
      if (isEnded) callback(false);
      else callbacks.push(callback);
    },
    end() {
      if (isEnded) return;
      isEnded = true;
      for (const callback of callbacks) callback(false);
    },
  };
}
