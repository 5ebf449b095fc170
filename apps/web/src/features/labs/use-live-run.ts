import type { CheckRun, LabRun } from '@prodigon/contracts/workshop';
import { useEffect, useState } from 'react';
import { useApiKey } from '../../api/api.ts';
import { workshopApi } from '../../api/workshop-api.ts';
import { putCheckRun } from '../workshop/workshop-queries.ts';
import { changeLabRun, putLabRun } from './lab-queries.ts';
import { withPoint, withProgress } from './live-run.ts';

interface StreamOptions {
  signal: AbortSignal;
  onConnection: (isOpen: boolean) => void;
}

/**
 * Follows an event stream while the tab is visible; each connection starts with the whole state. `onEnd` is called when the
 * stream has ended or cannot continue. Returns whether the connection is lost. A null key follows nothing.
 */
function useEventStream(key: string | null, follow: (options: StreamOptions) => Promise<void>, onEnd: () => void): boolean {
  const keyVersion = useApiKey((state) => state.keyVersion);
  const [isLost, setLost] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is followed.
  useEffect(() => {
    if (key === null) return;
    let controller: AbortController | undefined;
    const onConnection = (isOpen: boolean) => setLost(!isOpen);
    const update = () => {
      controller?.abort();
      if (document.hidden) return;
      controller = new AbortController();
      const { signal } = controller;
      const end = () => {
        if (!signal.aborted) onEnd();
      };
      follow({ signal, onConnection }).then(end, end);
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

/** Applies the events of a run of the experiment to the cached run. Null follows nothing. */
export function useLiveLabRun(run: Pick<LabRun, 'lab' | 'id'> | null, onEnd: () => void): boolean {
  const follow = async (options: StreamOptions) => {
    if (!run) return;
    for await (const { event, data } of workshopApi.watchLabRun({ lab: run.lab, run: run.id }, options)) {
      if (event === 'run') putLabRun(data);
      else if (event === 'progress') changeLabRun(run.lab, run.id, (before) => withProgress(before, data));
      else if (event === 'point') changeLabRun(run.lab, run.id, (before) => withPoint(before, data));
    }
  };
  return useEventStream(run && `${run.lab} ${run.id}`, follow, onEnd);
}

/** Applies the events of a run of the checks to the cached task. Null follows nothing. */
export function useLiveCheckRun(task: string, run: Pick<CheckRun, 'id'> | null, onEnd: () => void): boolean {
  const follow = async (options: StreamOptions) => {
    if (!run) return;
    for await (const { event, data } of workshopApi.watchCheckRun({ task, run: run.id }, options)) {
      if (event === 'run') putCheckRun(task, data);
    }
  };
  return useEventStream(run && `${task} ${run.id}`, follow, onEnd);
}
