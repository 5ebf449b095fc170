import { isGatewayUnreachable } from '@prodigon/api-client';
import { AppError, sleep } from '@prodigon/contracts';
import type { CheckRun, LabRun } from '@prodigon/contracts/workshop';
import { useEffect, useState } from 'react';
import { useApiKey } from '../../api/api.ts';
import { workshopApi } from '../../api/workshop-api.ts';
import { putCheckRun } from '../workshop/workshop-queries.ts';
import { changeLabRun, putLabRun, refetchLabRun, withPoint, withProgress } from './lab-queries.ts';

const RETRY_DELAY_MS = { first: 500, max: 5_000 };

/**
 * Follows an event stream while the tab is visible. `watch` resolves with true when the run has ended. Between connections,
 * `onLost` fetches the state again. Returns whether the connection is lost.
 */
function useEventStream(key: string | null, watch: (signal: AbortSignal) => Promise<boolean>, onLost: () => void): boolean {
  const keyVersion = useApiKey((state) => state.keyVersion);
  const [isLost, setLost] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is watched.
  useEffect(() => {
    if (key === null) return;
    let controller: AbortController | undefined;
    const follow = async ({ signal }: AbortController) => {
      for (let failures = 0; !signal.aborted; failures += 1) {
        const hasEnded = await watch(signal).catch((error: unknown) => isFinal(error));
        if (signal.aborted) return;
        setLost(!hasEnded);
        onLost();
        if (hasEnded) return;
        await sleep(Math.min(RETRY_DELAY_MS.max, RETRY_DELAY_MS.first * 2 ** failures), signal).catch(() => {});
      }
    };
    const update = () => {
      controller?.abort();
      controller = undefined;
      if (document.hidden) return;
      controller = new AbortController();
      void follow(controller);
    };
    update();
    document.addEventListener('visibilitychange', update);
    return () => {
      document.removeEventListener('visibilitychange', update);
      controller?.abort();
      setLost(false);
    };
  }, [key, keyVersion]);
  return isLost;
}

/** Whether a retry cannot help, e.g. because the run no longer exists. */
function isFinal(error: unknown): boolean {
  return error instanceof AppError && !isGatewayUnreachable(error) && !error.retryable && error.status < 500;
}

/** Applies the events of a run of the experiment to the cached run. Null watches nothing. */
export function useLiveLabRun(run: Pick<LabRun, 'lab' | 'id'> | null, onEnd: () => void): boolean {
  return useEventStream(
    run && `${run.lab} ${run.id}`,
    async (signal) => {
      if (!run) return true;
      for await (const event of workshopApi.watchLabRun({ lab: run.lab, run: run.id }, { signal })) {
        if (event.type === 'run') putLabRun(event.data);
        else if (event.type === 'progress') changeLabRun(run.lab, run.id, (before) => withProgress(before, event.data));
        else if (event.type === 'point') changeLabRun(run.lab, run.id, (before) => withPoint(before, event.data));
        else {
          onEnd();
          return true;
        }
      }
      return false;
    },
    () => run && refetchLabRun(run.lab, run.id),
  );
}

/** Applies the events of a run of the checks to the cached task. Null watches nothing. */
export function useLiveCheckRun(task: string, run: Pick<CheckRun, 'id'> | null): boolean {
  return useEventStream(
    run && `${task} ${run.id}`,
    async (signal) => {
      if (!run) return true;
      for await (const event of workshopApi.watchCheckRun({ task, run: run.id }, { signal })) {
        if (event.type === 'end') return true;
        putCheckRun(task, event.data);
      }
      return false;
    },
    () => {
      if (run)
        void workshopApi.getCheckRun({ task, run: run.id }).then(
          (latest) => putCheckRun(task, latest),
          () => {},
        );
    },
  );
}
