import { type ApiKeyLimits, AppError, type ErrorCode } from '@prodigon/contracts';
import type { CallScope } from '@prodigon/platform';
import type {
  CallContext,
  KeyDirectory,
  Principal,
  RateDecision,
  RateDemand,
  RateLimiter,
  RateState,
  StreamDecision,
  StreamLimiter,
} from '@prodigon/ports';
import type { GenerationDemand } from './generation-demand.ts';
import { rejectedStreamHeaders, requestLimitHeaders, tokenLimitHeaders } from './rate-limit-headers.ts';

/**
 * Receives a provider call, whose usage replaces the reserved tokens. A call that fails has used none, except one that its
 * client or its deadline has ended.
 */
export type UsageReceiver = NonNullable<CallContext['onUsage']>;

export interface CallerLimits {
  /**
   * Counts a request towards the limits of its caller, and reports them in its headers. Throws `RATE_LIMITED`. Returns a
   * receiver of the usage; null without a limit of tokens. Returns a promise only if gateways share the limits.
   */
  enforce(scope: CallScope, principal: Principal, demand: GenerationDemand): Enforced | Promise<Enforced>;
}
type Enforced = UsageReceiver | null;

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

/** The limits of one caller. */
interface LimitsOfCaller {
  /** Of requests per minute, then of tokens per minute. */
  readonly rates: readonly Limit[];
  readonly requests: readonly Limit[];
  readonly streams: readonly Limit[];
}

export function createCallerLimits({ rates, streams, keys, ownerLimits }: CallerLimitsOptions): CallerLimits {
  /** A change of a key or its parent gives its callers a new principal. */
  const known = new WeakMap<Principal, LimitsOfCaller>();

  /** Returns the limits of the key and of the key that created it; the platform's limit of its owner if they have none. */
  function limitsOf({ id: owner, keyId }: Principal, field: keyof ApiKeyLimits): Limit[] {
    const key = keyId === undefined ? null : (keys?.findValid(keyId) ?? null);
    const limits: Limit[] = [];
    // A changed limit per minute starts anew, because its bucket counts in time at its rate.
    const bucketOf = (name: string, max: number) => (field === 'streams' ? `${name}:${field}` : `${name}:${field}:${max}`);
    for (const each of key && keys ? keys.chainOf(key) : []) {
      const max = each.limits[field];
      if (max !== null) limits.push({ bucket: bucketOf(`key:${each.id}`, max), max, subject: `The key "${each.name}"` });
    }
    const max = ownerLimits[field];
    if (limits.length === 0 && max !== null)
      limits.push({ bucket: bucketOf(`owner:${owner}`, max), max, subject: `The owner "${owner}"` });
    return limits;
  }

  function limitsOfCaller(principal: Principal): LimitsOfCaller {
    let limits = known.get(principal);
    if (!limits) {
      const requests = limitsOf(principal, 'requests_per_min');
      const rates = [...requests, ...limitsOf(principal, 'tokens_per_min')];
      limits = { rates, requests, streams: limitsOf(principal, 'streams') };
      known.set(principal, limits);
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

  function takeRates(
    scope: CallScope,
    limitsOfCaller: LimitsOfCaller,
    { estimateTokens }: GenerationDemand,
  ): Enforced | Promise<Enforced> {
    const limits = estimateTokens ? limitsOfCaller.rates : limitsOfCaller.requests;
    if (limits.length === 0) return null;
    const requestLimits = limitsOfCaller.requests.length;
    const hasTokens = limits.length > requestLimits;
    const tokensMax = hasTokens && estimateTokens ? estimateTokens() : 0;
    const toDemand = ({ bucket, max }: Limit, index: number): RateDemand => ({
      bucket,
      limitPerMin: max,
      amount: index < requestLimits ? 1 : tokensMax,
    });
    return after(rates.take(limits.map(toDemand)), (decision) => {
      reportLimits(scope, decision, requestLimits);
      if (decision.refusal) throw rateError(limits, decision, decision.refusal, requestLimits);
      if (!hasTokens) return null;
      const settle = (used: number) => void decision.settle(limits.map((_, index) => (index < requestLimits ? 1 : used)));
      return createUsageReceiver(scope, settle);
    });
  }

  return {
    enforce(scope, principal, demand) {
      const limits = limitsOfCaller(principal);
      if (!demand.isStream) return takeRates(scope, limits, demand);
      return after(acquireStream(scope, limits.streams), () => takeRates(scope, limits, demand));
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

/** Settles a reservation with the first provider call, or with no tokens when the response ends without one. */
function createUsageReceiver(scope: CallScope, settle: (used: number) => void): UsageReceiver {
  let isExpected = false;
  scope.onEnd(() => {
    if (!isExpected) settle(0);
  });
  return (call) => {
    isExpected = true;
    call.then(
      ({ usage }) => settle(usage.total_tokens),
      (thrown: unknown) => {
        if (!UNKNOWN_USAGE.has(AppError.from(thrown).code)) settle(0);
      },
    );
  };
}

/** Reports the nearest limit of requests and of tokens. The states of the decision are those of requests, then of tokens. */
function reportLimits(scope: CallScope, { states }: RateDecision, requestLimits: number): void {
  let requests: RateState | undefined;
  let tokens: RateState | undefined;
  for (const [index, state] of states.entries()) {
    if (index < requestLimits) requests = nearest(requests, state);
    else tokens = nearest(tokens, state);
  }
  if (requests) scope.setHeaders(requestLimitHeaders(requests));
  if (tokens) scope.setHeaders(tokenLimitHeaders(tokens));
}

const nearest = (first: RateState | undefined, second: RateState): RateState =>
  first && first.remaining <= second.remaining ? first : second;

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
