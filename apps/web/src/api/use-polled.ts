import { AppError } from '@prodigon/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useAccess } from './access-store.ts';

const ANSWER_TIMEOUT_MS = 15_000;

interface Answer<Value> {
  value: Value;
  receivedAt: number;
  /** The function that fetched it. */
  load: unknown;
}

export interface Polled<Value> {
  /** The last answer, however old; null before the first. */
  value: Value | null;
  receivedAt: number | null;
  /** True while `value` answers an earlier question, e.g. the page before this one. */
  isOutdated: boolean;
  /** Why the last request failed; null when it did not. */
  failure: AppError | null;
  reload: () => void;
}

/** Asks again and again while the page is visible, and at once when it becomes so. `load` must be stable. */
export function usePolled<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  /** Until the next request; asked after each answer, with null after a failure. */
  nextInMs: (value: Value | null) => number,
): Polled<Value> {
  const [answer, setAnswer] = useState<Answer<Value> | null>(null);
  const [failure, setFailure] = useState<AppError | null>(null);
  const attempt = useAccess((state) => state.attempt);
  const next = useRef(nextInMs);
  next.current = nextInMs;
  const askNow = useRef(() => {});

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key is a reason to ask again.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running: AbortController | undefined;
    let isOver = false;

    const ask = async () => {
      clearTimeout(timer);
      if (isOver || document.hidden) return;
      running?.abort();
      const controller = new AbortController();
      running = controller;
      let value: Value | null = null;
      try {
        value = await load(AbortSignal.any([controller.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]));
        if (running !== controller) return;
        setAnswer({ value, receivedAt: Date.now(), load });
        setFailure(null);
      } catch (thrown) {
        if (running !== controller || controller.signal.aborted) return;
        setFailure(failureOf(thrown));
      }
      running = undefined;
      if (!isOver) timer = setTimeout(ask, next.current(value));
    };
    askNow.current = () => void ask();
    askNow.current();
    const onReturn = () => {
      if (!running) void ask();
    };
    document.addEventListener('visibilitychange', onReturn);
    addEventListener('online', onReturn);
    return () => {
      isOver = true;
      running?.abort();
      running = undefined;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onReturn);
      removeEventListener('online', onReturn);
    };
  }, [load, attempt]);

  return {
    value: answer?.value ?? null,
    receivedAt: answer?.receivedAt ?? null,
    isOutdated: answer !== null && answer.load !== load,
    failure,
    reload: useCallback(() => askNow.current(), []),
  };
}

function failureOf(thrown: unknown): AppError {
  const isTimeout = thrown instanceof DOMException && thrown.name === 'TimeoutError';
  if (!isTimeout) return AppError.from(thrown);
  return new AppError('DEADLINE_EXCEEDED', `The gateway did not answer within ${ANSWER_TIMEOUT_MS / 1_000} seconds.`);
}
