import { AppError } from '@prodigon/contracts';

/** Classes of SQLSTATE after which the same statement may succeed: connection, resources, intervention, transaction. */
const PASSING = /^(?:08|53|57|40|55P03|25006)/;
const FULL = new Set(['53100', 'ENOSPC']);
const UNREACHABLE = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH)/;

/** What the database or the way to it threw, as an `AppError`; its own words stay in the cause. */
export function databaseError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException;
  if (FULL.has(code)) return new AppError('INSUFFICIENT_STORAGE', undefined, { cause: thrown, retryAfterSeconds: 10 });
  const isGone =
    UNREACHABLE.test(code) || /^(?:Connection terminated|timeout exceeded when trying to connect|Client has)/.test(message);
  if (isGone || PASSING.test(code))
    return new AppError('SERVICE_UNAVAILABLE', 'The database cannot be reached just now.', {
      cause: thrown,
      retryAfterSeconds: 1,
    });
  return AppError.from(thrown);
}

/** The same port, whose failures are `AppError`s. */
export function translatingErrors<Port extends object>(port: Port): Port {
  const translated = Object.entries(port).map(([name, method]) => [
    name,
    typeof method === 'function' ? translatingCall(method as (...args: unknown[]) => unknown) : method,
  ]);
  return Object.fromEntries(translated) as Port;
}

function translatingCall(method: (...args: unknown[]) => unknown) {
  return (...args: unknown[]) => {
    const result = method(...args);
    if (result instanceof Promise) return result.catch(rethrow);
    return isAsyncIterable(result) ? translatingIteration(result) : result;
  };
}

async function* translatingIteration<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value> {
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
