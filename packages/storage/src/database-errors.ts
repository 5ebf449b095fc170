import { AppError } from '@prodigon/contracts';

/** SQLSTATE classes of transient errors: connection, resources, operator intervention, transaction. */
const TRANSIENT = /^(?:08|53|57|40|55P03|25006)/;
const FULL = new Set(['53100', 'ENOSPC']);
const UNREACHABLE = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH)/;

/** Converts an error of the database or its connection to an `AppError`. The original error stays in the cause. */
export function databaseError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException;
  if (FULL.has(code)) return new AppError('INSUFFICIENT_STORAGE', undefined, { cause: thrown, retryAfterSeconds: 10 });
  const isUnreachable =
    UNREACHABLE.test(code) || /^(?:Connection terminated|timeout exceeded when trying to connect|Client has)/.test(message);
  if (isUnreachable || TRANSIENT.test(code))
    return new AppError('SERVICE_UNAVAILABLE', 'The database is unreachable.', {
      cause: thrown,
      retryAfterSeconds: 1,
    });
  return AppError.from(thrown);
}

/** Wraps a port so that its methods throw `AppError`s. */
export function translateErrors<Port extends object>(port: Port): Port {
  const translated = Object.entries(port).map(([name, method]) => [
    name,
    typeof method === 'function' ? translateCall(method as (...args: unknown[]) => unknown) : method,
  ]);
  return Object.fromEntries(translated) as Port;
}

function translateCall(method: (...args: unknown[]) => unknown) {
  return (...args: unknown[]) => {
    const result = method(...args);
    if (result instanceof Promise) return result.catch(rethrow);
    return isAsyncIterable(result) ? translateIteration(result) : result;
  };
}

async function* translateIteration<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
  try {
    yield* values;
  } catch (thrown) {
    throw databaseError(thrown);
  }
}

function rethrow(thrown: unknown): never {
  throw databaseError(thrown);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
