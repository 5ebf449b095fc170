import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { describeCause, describeError, logFailure, reasonOf } from './failure-log.ts';
import { createLogger } from './logger.ts';

const CANARY = 'the canary of a prompt';

function setUp(level: string) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'test', level, secrets: ['hunter2hunter2'], destination });
  return { logger, linesOf: () => lines.map((line) => JSON.parse(line)) };
}

const providerResponse = (text: string) =>
  Object.assign(new Error('The provider responded with 400'), {
    name: 'ProviderResponseError',
    status: 400,
    providerCode: 'bad_value',
    param: 'messages',
    text,
    textCharacters: text.length,
  });

/** PostgreSQL's error for a value, which its message and its detail quote. */
const databaseError = Object.assign(new Error(`invalid input syntax for type json: "${CANARY}"`), {
  code: '22P02',
  detail: `Failing row contains (${CANARY}).`,
  where: `JSON data, line 1: ${CANARY}`,
  table: 'job_items',
});

const providerNames = Object.assign(providerResponse(''), { providerCode: CANARY, param: CANARY });

const quoting = [
  ['a provider that sends it as code and param', 'INFERENCE_ERROR', providerNames],
  ['a provider', 'INFERENCE_ERROR', providerResponse(CANARY)],
  ['a provider that refuses the request', 'BAD_REQUEST', providerResponse(CANARY)],
  ['a parser', 'INFERENCE_ERROR', new SyntaxError(`Unexpected token "${CANARY}"`)],
  ['the database', 'INTERNAL_ERROR', databaseError],
  ['an exception', 'INTERNAL_ERROR', new TypeError(`Invalid value: ${CANARY}\n    at ${CANARY} (file:///x.ts:1:2)`)],
  ['the cause of an exception', 'INTERNAL_ERROR', new Error('outer', { cause: new RangeError(CANARY) })],
  ['a thrown text', 'INTERNAL_ERROR', CANARY],
  ['a thrown object', 'INTERNAL_ERROR', { prompt: CANARY }],
  ['an error with a field', 'INTERNAL_ERROR', Object.assign(new Error('broken'), { prompt: CANARY, code: CANARY })],
  ['a missing file', 'INTERNAL_ERROR', Object.assign(new Error(`open '${CANARY}'`), { syscall: 'open', path: CANARY })],
] as const;

describe('the log of a failure', () => {
  it.each(quoting)('quotes no text of %s above debug', (_name, code, cause) => {
    const { logger, linesOf } = setUp('info');
    logFailure(logger, { level: 'error', failure: new AppError(code, undefined, { cause }), message: 'It failed' });
    expect(linesOf()).toHaveLength(1);
    expect(JSON.stringify(linesOf())).not.toContain(CANARY);
  });

  it('has the status, code, param and length of a provider’s response', () => {
    const { logger, linesOf } = setUp('info');
    const failure = new AppError('BAD_REQUEST', undefined, { cause: providerResponse(CANARY) });
    logFailure(logger, { level: 'warn', failure, fields: { attempt: 2 }, message: 'It failed' });
    expect(linesOf()).toMatchObject([
      {
        attempt: 2,
        code: 'BAD_REQUEST',
        provider_status: 400,
        provider_code: 'bad_value',
        provider_param: 'messages',
        provider_text_characters: CANARY.length,
        msg: 'It failed',
      },
    ]);
  });

  it('has the text in a further line at debug, redacted and bounded', () => {
    const { logger, linesOf } = setUp('debug');
    const text = `${CANARY} hunter2hunter2 ${'word '.repeat(10_000)}`;
    const failure = new AppError('INFERENCE_ERROR', undefined, { cause: providerResponse(text) });
    logFailure(logger, { level: 'warn', failure, fields: { request_id: 'request-1' }, message: 'It failed' });
    const [, line] = linesOf();
    expect(line).toMatchObject({ level: 20, request_id: 'request-1', code: 'INFERENCE_ERROR' });
    expect(line.texts[0]).toMatch(/^the canary of a prompt \[redacted\] word /);
    expect(line.texts[0].length).toBeLessThan(2_100);
  });

  it('does not keep a part of a secret where it cuts a text', () => {
    const { logger, linesOf } = setUp('debug');
    const text = `${'a '.repeat(995)}hunter2hunter2 ${'b '.repeat(50)}`;
    const failure = new AppError('INFERENCE_ERROR', undefined, { cause: providerResponse(text) });
    logFailure(logger, { level: 'warn', failure, message: 'It failed' });
    expect(JSON.stringify(linesOf())).not.toContain('hunter');
  });
});

describe('reasonOf', () => {
  it('returns the message of the code for an error whose details quote the request', () => {
    const details = [{ path: '', message: `Unknown key "${CANARY}"` }];
    const failure = new AppError('VALIDATION_ERROR', `It does not fit: Unknown key "${CANARY}".`, { details });
    expect(reasonOf(failure)).toBe('The request does not match its schema.');
    expect(reasonOf(new AppError('NOT_FOUND', 'This path does not exist.'))).toBe('This path does not exist.');
  });
});

describe('describeCause', () => {
  it('names the type and code of a server error, and returns an internal error with its stack', () => {
    const cause = new TypeError('it broke');
    expect(describeCause(new AppError('INTERNAL_ERROR', undefined, { cause }))).toEqual({ err: cause });
    expect(describeCause(new AppError('INFERENCE_ERROR', undefined, { cause }))).toEqual({ cause: 'TypeError' });
    expect(describeCause(new AppError('INFERENCE_ERROR', undefined, { cause: { code: 7 } }))).toEqual({ cause: 'object' });
  });

  it('keeps the message of a network error and of an AppError, which quote no input', () => {
    const message = 'connect ECONNREFUSED 127.0.0.1:8001';
    const refused = Object.assign(new Error(message), { code: 'ECONNREFUSED', syscall: 'connect' });
    expect(describeCause(new AppError('SERVICE_UNAVAILABLE', undefined, { cause: refused }))).toEqual({
      cause: `Error ECONNREFUSED: ${message}`,
    });
    const cause = new AppError('INFERENCE_ERROR', 'Redirect to https://elsewhere.example');
    expect(describeCause(new AppError('INFERENCE_ERROR', undefined, { cause }))).toEqual({
      cause: 'AppError INFERENCE_ERROR: Redirect to https://elsewhere.example',
    });
  });

  it('returns nothing for client errors and for errors without a cause', () => {
    expect(describeCause(new AppError('CANCELLED', undefined, { cause: new Error('it broke') }))).toEqual({});
    expect(describeCause(new AppError('INTERNAL_ERROR'))).toEqual({});
  });
});

it('describes an error of the database by its code and the names of the schema', () => {
  expect(describeError(databaseError)).toMatchObject({ type: 'Error', code: '22P02', table: 'job_items' });
});
