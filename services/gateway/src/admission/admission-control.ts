import { AppError } from '@prodigon/contracts';
import { onResponseClosed } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface AdmissionControl {
  /** Returns the context of the request and counts it until its response is closed. Throws `SERVICE_UNAVAILABLE` at the limit. */
  admit(request: FastifyRequest, reply: FastifyReply): CallContext;
  readonly active: number;
  readonly max: number;
}

export interface AdmissionControlOptions {
  max: number;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
  onChange?: (active: number) => void;
}

/**
 * Creates a limit of the completions in flight. A saturated process starves new streams while the open ones keep their
 * pace, so requests over the limit are rejected immediately, with `Retry-After`.
 */
export function createAdmissionControl({ max, createContext, onChange = () => {} }: AdmissionControlOptions): AdmissionControl {
  let active = 0;
  function add(change: number): void {
    active += change;
    onChange(active);
  }
  return {
    admit(request, reply) {
      if (active >= max) {
        throw new AppError('SERVICE_UNAVAILABLE', 'Too many completions are in flight. Try again in a moment.', {
          retryAfterSeconds: 1,
        });
      }
      add(1);
      onResponseClosed(reply, () => add(-1));
      return createContext(request, reply);
    },
    get active() {
      return active;
    },
    max,
  };
}
