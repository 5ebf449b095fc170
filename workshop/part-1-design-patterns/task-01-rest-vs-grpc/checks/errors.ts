import { status } from '@grpc/grpc-js';
import { ERROR_CODES, type ErrorCode } from '@prodigon/contracts';
import { type CaseContext, type Check, defineCheck } from '@prodigon/lab/exercise';
import { countOf, createRequest, describeOutcome, withClient } from './client-harness.ts';
import type { ThrownError } from './driver-commands.ts';
import type { StatusFailure } from './model-replica.ts';

const STAGE = 'errors';
const WHERE = 'inference-client.ts, toAppError';
const SECRET = 'http://10.0.0.7:9000/srv/model.py';

const CODES: readonly (readonly [status, ErrorCode])[] = [
  [status.UNAVAILABLE, 'SERVICE_UNAVAILABLE'],
  [status.RESOURCE_EXHAUSTED, 'RATE_LIMITED'],
  [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [status.INVALID_ARGUMENT, 'VALIDATION_ERROR'],
  [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  [status.INTERNAL, 'INTERNAL_ERROR'],
  [status.UNKNOWN, 'INTERNAL_ERROR'],
  [status.FAILED_PRECONDITION, 'INTERNAL_ERROR'],
];

const STREAM_CODES = CODES.filter(([, expected]) => expected !== 'INTERNAL_ERROR');

/** Calls a model service that fails with `failure`, and returns the error that the client throws. */
async function failCall(context: CaseContext, failure: StatusFailure): Promise<ThrownError> {
  const { describeInput, fail } = context;
  let error: ThrownError | undefined;
  const retry = failure.retryAfterSeconds === undefined ? '' : ` and retry-after ${failure.retryAfterSeconds}`;
  describeInput(`generate; the model service responds with ${status[failure.code]}${retry}`);
  await withClient(context, { behaviour: { generate: async () => failure } }, async ({ generate }) => {
    const outcome = await generate({ request: createRequest(context) });
    if (outcome.status === 'returned') return fail({ expected: 'The call fails.', saw: 'The call resolved.' });
    error = outcome.error;
  });
  if (!error) throw new Error('The call has no outcome.');
  return error;
}

const STATUS_MAP = defineCheck({
  id: 'status-map',
  title: 'Each gRPC status becomes its error code, without internal details',
  stage: STAGE,
  where: WHERE,
  cases: 2,
  run: async (context) => {
    for (const [code, expected] of context.random.shuffle(CODES)) {
      const error = await failCall(context, { code, details: `upstream ${SECRET} failed` });
      if (!error.isAppError || error.code !== expected)
        context.fail({
          expected: `${status[code]} becomes an AppError with the code ${expected}.`,
          saw: `The error was ${error.name}.`,
        });
      if (error.isRetryable !== ERROR_CODES[expected].retryable)
        context.fail({
          expected: `${expected} is ${ERROR_CODES[expected].retryable ? '' : 'not '}retryable.`,
          saw: `retryable is ${error.isRetryable}.`,
        });
      if (error.message.includes(SECRET))
        context.fail({
          expected: 'The message is safe to show to users.',
          saw: `The message is "${error.message}", which names an internal host and file.`,
        });
    }
  },
});

const RETRY_AFTER = defineCheck({
  id: 'retry-after',
  title: 'retry-after in the trailing metadata becomes retryAfterSeconds',
  stage: STAGE,
  where: `${WHERE}: error.metadata`,
  cases: 3,
  run: async (context) => {
    const { random, fail } = context;
    const code = random.pick([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE]);
    const retryAfterSeconds = random.integer(1, 600);
    const withHeader = await failCall(context, { code, details: 'busy', retryAfterSeconds });
    if (withHeader.retryAfterSeconds !== retryAfterSeconds)
      fail({ expected: `retryAfterSeconds is ${retryAfterSeconds}.`, saw: `It is ${withHeader.retryAfterSeconds ?? 'absent'}.` });
    const without = await failCall(context, { code, details: 'busy' });
    if (without.retryAfterSeconds !== null)
      fail({ expected: 'Without retry-after there is no retryAfterSeconds.', saw: `It is ${without.retryAfterSeconds}.` });
  },
});

const STREAM_ERRORS = defineCheck({
  id: 'stream-errors',
  title: 'A stream that breaks off yields what has arrived, and then fails with the mapped code',
  stage: STAGE,
  where: 'inference-client.ts, stream',
  cases: 2,
  run: async (context) => {
    for (const [code, expected] of context.random.shuffle(STREAM_CODES)) await failStream(context, code, expected);
  },
});

async function failStream(context: CaseContext, code: status, expected: ErrorCode): Promise<void> {
  const { random, describeInput, fail } = context;
  const sent = Array.from({ length: random.integer(1, 6) }, () => `${random.words(1)} `);
  describeInput(`stream; the model service sends ${countOf(sent.length, 'part')} and then ${status[code]}`);
  const behaviour = {
    stream: async (_call: unknown, write: (part: string) => Promise<void>) => {
      for (const part of sent) await write(part);
      return { code, details: `upstream ${SECRET} interrupted` };
    },
  };
  await withClient(context, { behaviour }, async ({ replica, stream }) => {
    const outcome = await stream({ request: createRequest(context) });
    const calls = replica.calls.length === 1 ? 'one call' : `${replica.calls.length} calls`;
    if (outcome.parts.join('') !== sent.join(''))
      fail({
        expected: `${countOf(sent.length, 'part')} before the error.`,
        saw: `${countOf(outcome.parts.length, 'part')} arrived, in ${calls}.`,
      });
    if (outcome.status !== 'threw' || outcome.error.code !== expected)
      fail({ expected: `The stream fails with ${expected}.`, saw: describeOutcome(outcome) });
  });
}

export const ERROR_CHECKS: readonly Check[] = [STATUS_MAP, RETRY_AFTER, STREAM_ERRORS];
