import { performance } from 'node:perf_hooks';
import type { Dispatcher } from 'undici';
import { PROCESS_HEADER } from '../../probe/probe-report.ts';
import type { LoadPlan } from '../load-plan.ts';
import type { Recorder } from './recorder.ts';
import { createTokenCounter } from './token-counter.ts';

/** HTTP chunks that arrive closer together than this belong to one socket read. */
const SAME_READ_MS = 0.1;

/** Sends requests and records their outcomes. */
export type Caller = {
  /** Sends one request. Calls `onEnd` once, on success or failure. */
  call(connection: Dispatcher, intendedAt: number, onEnd: () => void): void;
  /** Marks requests that fail from now on as cancelled by the generator. */
  cutOff(): void;
};

export function createCaller({ call, check, marks, responseTimeoutMs }: LoadPlan, recorder: Recorder): Caller {
  const { pathname, search } = new URL(call.url);
  const request: Dispatcher.DispatchOptions = {
    path: `${pathname}${search}`,
    method: call.method ?? (call.body === undefined ? 'GET' : 'POST'),
    headers: { ...call.headers },
    body: call.body ?? null,
    headersTimeout: responseTimeoutMs,
    bodyTimeout: responseTimeoutMs,
  };
  let isCutOff = false;

  function createHandler(intendedAt: number, onEnd: () => void): Dispatcher.DispatchHandler {
    const counter = call.isStream ? createTokenCounter(marks) : null;
    const text: Buffer[] | null = check.text === undefined ? null : [];
    let [status, length, tokens, tokensAt] = [0, 0, 0, 0];
    let process: string | undefined;
    const recordResponse = () => {
      const [isAtEnd, joined] = [counter?.isAtEnd() ?? false, text?.join('')];
      const response = { status, process, length, tokens, text: joined, isAtEnd, isCutOff };
      recorder.recordResponse(response, performance.now() - intendedAt);
    };
    return {
      // undici requires this handler.
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
        if (tokens === 0) recorder.recordFirstToken(now - intendedAt);
        const gapMs = now - tokensAt;
        recorder.recordTokens(count, tokens === 0 || gapMs < SAME_READ_MS ? null : gapMs);
        tokens += count;
        tokensAt = now;
      },
      onResponseEnd() {
        recordResponse();
        onEnd();
      },
      onResponseError(_controller, error) {
        if (isCutOff && status !== 0) recordResponse();
        else if (isCutOff) recorder.recordUnfinished();
        else recorder.recordFailure((error as NodeJS.ErrnoException).code ?? error.message);
        // A request that fails synchronously must not starve other requests that are due.
        setImmediate(onEnd);
      },
    };
  }

  return {
    call(connection, intendedAt, onEnd) {
      recorder.recordSent();
      connection.dispatch(request, createHandler(intendedAt, onEnd));
    },
    cutOff() {
      isCutOff = true;
    },
  };
}
