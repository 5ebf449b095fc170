import { AppError } from '@prodigon/contracts';
import type { CallScope } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import type { FastifyRequest } from 'fastify';
import type { CallerLimits, UsageReceiver } from './caller-limits.ts';
import type { GenerationDemand } from './generation-demand.ts';

export interface AdmissionControl {
  /**
   * Returns the context of the request and counts it until the end of its scope. Throws `SERVICE_UNAVAILABLE` at the limit
   * of the process, and `RATE_LIMITED` at a limit of the caller. Returns a promise only if gateways share the limits.
   */
  admit(request: FastifyRequest, scope: CallScope, demand: GenerationDemand): CallContext | Promise<CallContext>;
  readonly active: number;
  readonly max: number;
}

export interface AdmissionControlOptions {
  max: number;
  createContext: (request: FastifyRequest, scope: CallScope) => CallContext;
  callerLimits: CallerLimits;
  onChange?: (active: number) => void;
}

/**
 * Creates a limit of the completions in flight. A saturated process starves new streams while the open ones keep their
 * pace, so requests over the limit are rejected immediately, with `Retry-After`.
 */
export function createAdmissionControl(options: AdmissionControlOptions): AdmissionControl {
  const { max, createContext, callerLimits, onChange = () => {} } = options;
  let active = 0;
  function add(change: number): void {
    active += change;
    onChange(active);
  }
  return {
    admit(request, scope, demand) {
      if (active >= max) {
        throw new AppError('SERVICE_UNAVAILABLE', 'Too many completions are in flight. Try again in a moment.', {
          retryAfterSeconds: 1,
        });
      }
      add(1);
      scope.onEnd(() => add(-1));
      const context = createContext(request, scope);
      const enforced = callerLimits.enforce(scope, context.principal, demand);
      const addReceiver = (onUsage: UsageReceiver | null) => (onUsage ? { ...context, onUsage } : context);
      return enforced instanceof Promise ? enforced.then(addReceiver) : addReceiver(enforced);
    },
    get active() {
      return active;
    },
    max,
  };
}
