import { watchJob } from '@prodigon/api-client';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useAccess } from '../../../api/access-store.ts';
import { api } from '../../../api/api.ts';
import { createJobWatch } from './create-job-watch.ts';

/** One job, live for as long as this page is open. */
export function useJobWatch(jobId: string) {
  const attempt = useAccess((state) => state.attempt);
  const [watch] = useState(() =>
    createJobWatch({
      get: (signal) => api.jobs.get(jobId, signal),
      items: (query, signal) => api.jobs.items(jobId, query, signal),
      watch: (options) => watchJob(api, jobId, options),
    }),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key is a reason to ask again.
  useEffect(() => {
    watch.start();
    return watch.stop;
  }, [watch, attempt]);
  return { watch, state: useStore(watch.store) };
}
