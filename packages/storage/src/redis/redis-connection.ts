import { once } from 'node:events';
import { AppError } from '@prodigon/contracts';
import { Redis, type RedisOptions, ReplyError } from 'ioredis';

export interface RedisConnection {
  /**
   * Runs commands. Rejects with an `AppError` SERVICE_UNAVAILABLE within `timeoutMs` when Redis does not respond, and
   * immediately while the connection is lost. Commands that have failed may have had their effect.
   */
  run<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result>;
  /** Whether commands can be sent. */
  isAvailable(): boolean;
  /** Calls the listener now, if the state is known, and whenever Redis becomes available or unavailable. Returns a function that removes it. */
  onChange(listener: (isAvailable: boolean) => void): () => void;
  /** Resolves when the first attempt to connect has succeeded or failed. */
  connected(): Promise<void>;
  close(): Promise<void>;
}

export interface RedisConnectionOptions {
  /** A value of `REDIS_URL`. */
  readonly url: string;
  /** Receives a warning for each transition. */
  readonly logger?: { warn(fields: object, message: string): void };
  readonly metrics?: { reportRedis(isUp: boolean): void };
  /** Maximum time of a call of `run`. */
  readonly timeoutMs?: number;
}

/** A response takes less than a millisecond. Requests wait this long, once, for a server that has just stopped responding. */
const TIMEOUT_MS = 200;
/** Detects a silent server before a request does. */
const PING_INTERVAL_MS = 1_000;
const RECONNECT_DELAY_MS_MAX = 1_000;

/** Options of every client of Redis: reconnects for as long as the process runs, at least every two seconds. */
export const RECONNECT_OPTIONS = {
  connectTimeout: 1_000,
  // A suspended server does not close its side.
  disconnectTimeout: 100,
  retryStrategy: (attempts) => Math.min(attempts * 100, RECONNECT_DELAY_MS_MAX),
} satisfies RedisOptions;

/** Codes of replies that pass, or that an operator corrects: the server cannot serve the command now. */
const TRANSIENT = new Set(['BUSY', 'LOADING', 'MASTERDOWN', 'MISCONF', 'NOAUTH', 'NOPERM', 'OOM', 'READONLY', 'WRONGPASS']);

/** Connects to Redis in the background, and again whenever the connection is lost. No command waits for a connection. */
export function createRedisConnection(options: RedisConnectionOptions): RedisConnection {
  const { url, logger, metrics, timeoutMs = TIMEOUT_MS } = options;
  const redis = new Redis(url, {
    ...RECONNECT_OPTIONS,
    connectionName: 'prodigon',
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Also limits the handshake, which a suspended server does not answer.
    socketTimeout: 1_000,
  });
  const listeners = new Set<(isAvailable: boolean) => void>();
  const firstAttempt = Promise.withResolvers<void>();
  let isAvailable: boolean | undefined;
  let lastError: unknown;

  function change(next: boolean): void {
    firstAttempt.resolve();
    if (isAvailable === next) return;
    const isFirst = isAvailable === undefined;
    isAvailable = next;
    metrics?.reportRedis(next);
    if (!next) logger?.warn({ cause: nameOf(lastError) }, 'Redis is unavailable');
    else if (!isFirst) logger?.warn({}, 'Redis is available again');
    for (const listener of listeners) listener(next);
  }
  redis.on('error', (error) => {
    lastError = error;
  });
  redis.on('ready', () => {
    lastError = undefined;
    change(true);
  });
  redis.on('close', () => change(false));

  /** Makes further commands fail immediately until the server responds on a new connection. */
  function reconnect(reason: TimeoutError): void {
    if (!isAvailable) return;
    lastError = reason;
    redis.disconnect(true);
    change(false);
  }

  async function run<Result>(commands: (redis: Redis) => Promise<Result>): Promise<Result> {
    if (!isAvailable) throw unavailable(lastError);
    try {
      return await withTimeout(commands(redis), timeoutMs);
    } catch (thrown) {
      if (!(thrown instanceof TimeoutError)) throw redisError(thrown);
      reconnect(thrown);
      throw unavailable(thrown);
    }
  }

  const pings = setInterval(() => void run((client) => client.ping()).catch(() => {}), PING_INTERVAL_MS);
  pings.unref();

  return {
    run,
    isAvailable: () => isAvailable === true,
    onChange(listener) {
      listeners.add(listener);
      if (isAvailable !== undefined) listener(isAvailable);
      return () => void listeners.delete(listener);
    },
    connected: () => firstAttempt.promise,
    async close() {
      clearInterval(pings);
      listeners.clear();
      const ended = isAvailable ? once(redis, 'end') : undefined;
      redis.disconnect();
      await ended;
    },
  };
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
}

/** Rejects with a `TimeoutError` when the result takes longer, unless the response has arrived while this process was busy. */
async function withTimeout<Result>(result: Promise<Result>, timeoutMs: number): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const expire = () => reject(new TimeoutError('Redis did not respond.'));
  // A late timer runs before the sockets are read, and an immediate after it.
  const timer = setTimeout(() => setImmediate(expire), timeoutMs);
  try {
    return await Promise.race([result, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function redisError(thrown: unknown): unknown {
  if (thrown instanceof AppError) return thrown;
  // The programmer's errors, e.g. WRONGTYPE, are no reason to fall back.
  if (thrown instanceof ReplyError && !TRANSIENT.has(nameOf(thrown))) return thrown;
  return unavailable(thrown);
}

const unavailable = (cause: unknown) =>
  new AppError('SERVICE_UNAVAILABLE', 'Redis is unavailable.', { cause, retryAfterSeconds: 1 });

/** Returns the code of an error. Redis' replies begin with theirs; the remaining text may quote a password. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'closed';
  if (error instanceof ReplyError) return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
