import { performance } from 'node:perf_hooks';
import type { Dispatcher } from 'undici';
import { PROCESS_HEADER } from '../../probe/probe-report.ts';
import type { LoadPlan } from '../load-plan.ts';
import type { Recorder } from './recorder.ts';
import { createTokenCounter } from './token-counter.ts';

/** Parts of a stream that come closer together were in one read: a chunk of HTTP each. */
const SAME_READ_MS = 0.1;

/** Sends one call and records what comes of it. `onEnd` is called once, whatever that is. */
export type Caller = {
  call(connection: Dispatcher, intendedAt: number, onEnd: () => void): void;
  /** What is open now and fails from now on was cut off by us. */
  cutOff(): void;
};

export function createCaller({ call, check, marks, answerWithinMs }: LoadPlan, recorder: Recorder): Caller {
  const { pathname, search } = new URL(call.url);
  const request: Dispatcher.DispatchOptions = {
    path: `${pathname}${search}`,
    method: call.method ?? (call.body === undefined ? 'GET' : 'POST'),
    headers: { ...call.headers },
    body: call.body ?? null,
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
  };
  let isCutOff = false;

  function createHandler(intendedAt: number, onEnd: () => void): Dispatcher.DispatchHandler {
    const counter = call.isStream ? createTokenCounter(marks) : null;
    const text: Buffer[] | null = check.text === undefined ? null : [];
    let [status, length, tokens, tokensAt] = [0, 0, 0, 0];
    let process: string | undefined;
    const note = () => {
      const [isAtEnd, joined] = [counter?.isAtEnd() ?? false, text?.join('')];
      recorder.answer({ status, process, length, tokens, text: joined, isAtEnd, isCutOff }, performance.now() - intendedAt);
    };
    return {
      // undici takes no handler without it.
      onRequestStart() {},
      onResponseStart(_controller, statusCode, headers) {
        status = statusCode;
        const value = headers[PROCESS_HEADER];
        process = Array.isArray(value) ? value.at(-1) : value;
      },
      onResponseData(_controller, chunk) {
        length += chunk.length;
        text?.push(chunk);
        const count = counter?.read(chunk) ?? 0;
        if (count === 0) return;
        const now = performance.now();
        if (tokens === 0) recorder.firstToken(now - intendedAt);
        const gapMs = now - tokensAt;
        recorder.tokens(count, tokens === 0 || gapMs < SAME_READ_MS ? null : gapMs);
        tokens += count;
        tokensAt = now;
      },
      onResponseEnd() {
        note();
        onEnd();
      },
      onResponseError(_controller, error) {
        if (isCutOff && status !== 0) note();
        else if (isCutOff) recorder.unanswered();
        else recorder.failed((error as NodeJS.ErrnoException).code ?? error.message);
        // A call that fails before it is sent must not keep the loop from whatever else is due.
        setImmediate(onEnd);
      },
    };
  }

  return {
    call: (connection, intendedAt, onEnd) => void connection.dispatch(request, createHandler(intendedAt, onEnd)),
    cutOff() {
      isCutOff = true;
    },
  };
}
