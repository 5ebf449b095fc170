import { type ApiKeyLimits, AppError, type ErrorCode } from '@prodigon/contracts';
import type { CallScope } from '@prodigon/platform';
import type {
  KeyDirectory,
  Principal,
  RateDecision,
  RateLimiter,
  RateState,
  StreamDecision,
  StreamLimiter,
} from '@prodigon/ports';
import type { GenerationDemand } from './generation-demand.ts';
import { rateLimitHeaders, rejectedStreamHeaders } from './rate-limit-headers.ts';

/**
 * Receives the tokens of a provider call, which replace the reserved tokens. A call that fails has used none, except one
 * that its client or its deadline has ended.
 */
export type TokenReceiver = (tokens: Promise<number>) => void;

export interface CallerLimits {
  /**
   * Counts a request towards the limits of its caller, and reports them in its headers. Throws `RATE_LIMITED`. Returns a
   * receiver of the used tokens; null without a limit of tokens. Returns a promise only if gateways share the limits.
   */
  enforce(scope: CallScope, principal: Principal, demand: GenerationDemand): Enforced | Promise<Enforced>;
}
type Enforced = TokenReceiver | null;

export interface CallerLimitsOptions {
  readonly rates: RateLimiter;
  readonly streams: StreamLimiter;
  /** Null for platforms without API keys. */
  readonly keys: Pick<KeyDirectory, 'findValid' | 'chainOf'> | null;
  /** Limits of each owner whose key has no limit of its own. */
  readonly ownerLimits: ApiKeyLimits;
}

/** One limit that applies to a request. */
interface Limit {
  readonly bucket: string;
  readonly max: number;
  /** Whose limit it is: the subject of the sentence for the client. */
  readonly subject: string;
}

export function createCallerLimits({ rates, streams, keys, ownerLimits }: CallerLimitsOptions): CallerLimits {
  /** Returns the limits of the key and of the key that created it; the platform's limit of its owner if they have none. */
  function limitsOf({ id: owner, keyId }: Principal, field: keyof ApiKeyLimits): Limit[] {
    const key = keyId === undefined ? null : (keys?.findValid(keyId) ?? null);
    const limits: Limit[] = [];
    for (const each of key && keys ? keys.chainOf(key) : []) {
      const max = each.limits[field];
      if (max !== null) limits.push({ bucket: `key:${each.id}:${field}`, max, subject: `The key "${each.name}"` });
    }
    const ownerMax = ownerLimits[field];
    if (limits.length === 0 && ownerMax !== null) {
      limits.push({ bucket: `owner:${owner}:${field}`, max: ownerMax, subject: `The owner "${owner}"` });
    }
    return limits;
  }

  /** Counts the stream until the end of its scope. */
  function acquireStream(scope: CallScope, limits: readonly Limit[]): void | Promise<void> {
    if (limits.length === 0) return;
    return after(streams.acquire(limits), (decision) => {
      if (!decision.isAdmitted) {
        scope.setHeaders(rejectedStreamHeaders(decision));
        throw streamsError(limits, decision);
      }
      scope.onEnd(() => void decision.release());
    });
  }

  function takeRates(scope: CallScope, principal: Principal, { estimateTokens }: GenerationDemand): Enforced | Promise<Enforced> {
    const requests = limitsOf(principal, 'requests_per_min');
    const tokens = estimateTokens ? limitsOf(principal, 'tokens_per_min') : [];
    if (requests.length + tokens.length === 0) return null;
    const tokensMax = tokens.length > 0 && estimateTokens ? estimateTokens() : 0;
    // A changed limit starts anew, because the buckets count in time at their rate.
    const demandOf = ({ bucket, max }: Limit, amount: number) => ({ bucket: `${bucket}:${max}`, limitPerMin: max, amount });
    const demands = [...requests.map((limit) => demandOf(limit, 1)), ...tokens.map((limit) => demandOf(limit, tokensMax))];
    return after(rates.take(demands), (decision) => {
      scope.setHeaders(headersOf(decision, requests.length));
      if (decision.refusal) throw rateError([...requests, ...tokens], decision, decision.refusal, requests.length);
      if (tokens.length === 0) return null;
      const settle = (used: number) => void decision.settle(demands.map((_, index) => (index < requests.length ? 1 : used)));
      return createTokenReceiver(scope, settle);
    });
  }

  return {
    enforce(scope, principal, demand) {
      const acquired = acquireStream(scope, demand.isStream ? limitsOf(principal, 'streams') : []);
      return after(acquired, () => takeRates(scope, principal, demand));
    },
  };
}

/** Continues without a promise when there is none, because most requests have to wait for nothing. */
function after<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** The provider may have worked, without saying how much. The reservation remains, because a client could cause this at will. */
const UNKNOWN_USAGE: ReadonlySet<ErrorCode> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED']);

/** Settles a reservation with the first provider call, or with no tokens when the call ends without one. */
function createTokenReceiver(scope: CallScope, settle: (used: number) => void): TokenReceiver {
  let isExpected = false;
  scope.onEnd(() => {
    if (!isExpected) settle(0);
  });
  return (tokens) => {
    isExpected = true;
    tokens.then(settle, (thrown: unknown) => {
      if (!UNKNOWN_USAGE.has(AppError.from(thrown).code)) settle(0);
    });
  };
}

/** The decision's states are those of the limits of requests, then of tokens. The limit that is nearest is reported. */
function headersOf({ states }: RateDecision, requestLimits: number): Record<string, string> {
  const nearest = (limits: readonly RateState[]) => limits.toSorted((first, second) => first.remaining - second.remaining)[0];
  const requests = nearest(states.slice(0, requestLimits));
  const tokens = nearest(states.slice(requestLimits));
  return { ...(requests && rateLimitHeaders('requests', requests)), ...(tokens && rateLimitHeaders('tokens', tokens)) };
}

function rateError(
  limits: readonly Limit[],
  { states }: RateDecision,
  { index, retryAfterMs }: NonNullable<RateDecision['refusal']>,
  requestLimits: number,
): AppError {
  const unit = `${index < requestLimits ? 'requests' : 'tokens'} per minute`;
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  // Clients show the time of `Retry-After` and count it down.
  return new AppError('RATE_LIMITED', describeLimit(unit, limits[index], states[index]?.limitPerMin), { retryAfterSeconds });
}

function streamsError(limits: readonly Limit[], { index, max }: Extract<StreamDecision, { isAdmitted: false }>): AppError {
  const sentence = describeLimit('concurrent streams', limits[index], max);
  return new AppError('RATE_LIMITED', `${sentence} Retry when one of them ends.`, { retryAfterSeconds: 1 });
}

function describeLimit(unit: string, limit: Limit | undefined, enforced = limit?.max): string {
  const place = enforced === limit?.max ? '' : ' on this gateway';
  const noun = enforced === 1 ? unit.replace(/s\b/, '') : unit;
  return `${limit?.subject} has reached its limit of ${enforced?.toLocaleString('en')} ${noun}${place}.`;
}
