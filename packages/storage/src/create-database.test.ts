import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { databaseError, translateErrors } from './create-database.ts';

const errorOf = (code: string | undefined, message = 'failed') => Object.assign(new Error(message), { code });
const UNREACHABLE = { code: 'SERVICE_UNAVAILABLE', message: 'The database is unreachable.', retryAfterSeconds: 1 };

describe('databaseError', () => {
  it.each(['53100', 'ENOSPC'])('converts %s to INSUFFICIENT_STORAGE, to retry after ten seconds', (code) => {
    const cause = errorOf(code);
    expect(databaseError(cause)).toMatchObject({ code: 'INSUFFICIENT_STORAGE', retryAfterSeconds: 10, cause });
  });

  it.each([
    ...['08006', '53300', '57P01', '40001', '40P01', '55P03', '25006', '25P03'],
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ])('converts the transient error %s to SERVICE_UNAVAILABLE, to retry after a second', (code) => {
    const cause = errorOf(code);
    expect(databaseError(cause)).toMatchObject({ ...UNREACHABLE, cause });
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Client has encountered a connection error and is not queryable',
  ])('converts an error of the driver without a code: %s', (message) => {
    expect(databaseError(errorOf(undefined, message))).toMatchObject(UNREACHABLE);
  });

  it.each(['42601', '23505', 'EACCES', undefined])('converts %s to INTERNAL_ERROR', (code) => {
    expect(databaseError(errorOf(code))).toMatchObject({ code: 'INTERNAL_ERROR' });
  });

  it('returns an AppError unchanged', () => {
    const error = new AppError('JOB_NOT_FOUND');
    expect(databaseError(error)).toBe(error);
  });
});

describe('translateErrors', () => {
  const port = translateErrors({
    name: 'port',
    sync: (value: number) => value + 1,
    resolve: async (one: string, other: string) => one + other,
    reject: async () => Promise.reject(errorOf('ECONNREFUSED')),
    async *yieldAll() {
      yield 1;
      yield 2;
    },
    async *yieldOne() {
      yield 1;
      throw errorOf('ECONNREFUSED');
    },
  });

  it('keeps properties, arguments and results', async () => {
    expect([port.name, port.sync(1), await port.resolve('a', 'b')]).toEqual(['port', 2, 'ab']);
  });

  it('translates the error of a promise', async () => {
    await expect(port.reject()).rejects.toMatchObject(UNREACHABLE);
  });

  it('yields the values of an iteration and translates its error', async () => {
    const read = async (values: AsyncIterable<number>, seen: number[]) => {
      for await (const value of values) seen.push(value);
    };
    const [all, one]: number[][] = [[], []];
    await read(port.yieldAll(), all ?? []);
    await expect(read(port.yieldOne(), one ?? [])).rejects.toMatchObject(UNREACHABLE);
    expect([all, one]).toEqual([[1, 2], [1]]);
  });
});
