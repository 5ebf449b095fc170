import { AppError, isTerminalItemStatus, type JobItem, type JobItemStatus } from '@prodigon/contracts';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { api, useApiKey } from '../../../api/api.ts';
import { reportBudget } from '../../../api/met-limit.ts';
import { events } from '../../../events/events.ts';
import { watchJobEvents } from '../../../events/watch-job-events.ts';
import { createJobWatch, type ItemChange, type JobWatch } from './create-job-watch.ts';

/** Follows one job while the component is mounted. */
export function useJobWatch(jobId: string) {
  const keyVersion = useApiKey((state) => state.keyVersion);
  const [watch] = useState(() =>
    createJobWatch({
      get: (signal) => api.jobs.get(jobId, signal),
      timings: (signal) => api.jobs.timings(jobId, signal),
      items: (query, signal) => api.jobs.items(jobId, query, signal),
      watch: (options) => watchJobEvents(events, jobId, options),
    }),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new API key restarts the watch.
  useEffect(() => {
    watch.start();
    return watch.stop;
  }, [watch, keyVersion]);
  useEffect(
    () =>
      watch.onItems((changes) => {
        for (const { error } of changes.values()) if (error) reportBudget(error);
      }),
    [watch],
  );
  return { watch, state: useStore(watch.store) };
}

export const PAGE_SIZE = 50;
/** Refresh interval of a page while its job runs. */
const REFRESH_INTERVAL_MS = 2_000;
const RETRY_DELAY_MS = 2_000;

export interface ItemsPage {
  items: readonly JobItem[];
  next_after: number | null;
}

interface ItemsQuery {
  after: number;
  status: JobItemStatus | undefined;
}

/**
 * Loads one page of a job's items and applies events to it. Events carry no responses, and only the server knows which
 * items match a status filter, so events also refresh a page with new responses and a filtered page.
 */
export function useJobItems(watch: JobWatch, { after, status }: ItemsQuery) {
  const epoch = useStore(watch.store, (state) => state.epoch);
  const [page, setPage] = useState<ItemsPage | null>(null);
  const [failure, setFailure] = useState<AppError | null>(null);
  const pageKey = `${after} ${status}`;
  const [loadedKey, setLoadedKey] = useState('');

  useEffect(() => {
    if (epoch === 0) return;
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** Changes that arrive while the page loads. */
    let pendingChanges = new Map<number, ItemChange>();
    let isReading = false;

    const read = async () => {
      timer = undefined;
      isReading = true;
      pendingChanges = new Map();
      try {
        const list = await watch.items({ limit: PAGE_SIZE, after, ...(status && { status }) }, signal);
        setPage({ next_after: list.next_after, items: applyChanges(list.items, pendingChanges) });
        setLoadedKey(`${after} ${status}`);
        setFailure(null);
      } catch (thrown) {
        if (signal.aborted) return;
        setFailure(AppError.from(thrown));
        timer = setTimeout(read, RETRY_DELAY_MS);
      } finally {
        isReading = false;
      }
    };
    const unsubscribe = watch.onItems((changes) => {
      if (isReading) for (const [index, change] of changes) pendingChanges.set(index, change);
      setPage((before) => before && applyToPage(before, changes));
      if (status || hasNewResponse(changes, after)) timer ??= setTimeout(read, REFRESH_INTERVAL_MS);
    });
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
      unsubscribe();
    };
  }, [watch, epoch, after, status]);

  return { page, failure, isOutdated: page !== null && loadedKey !== pageKey };
}

/** Whether an item of an unfiltered page has succeeded. */
function hasNewResponse(changes: ReadonlyMap<number, ItemChange>, after: number): boolean {
  for (const [index, { status }] of changes)
    if (status === 'succeeded' && index > after && index <= after + PAGE_SIZE) return true;
  return false;
}

function applyToPage(page: ItemsPage, changes: ReadonlyMap<number, ItemChange>): ItemsPage {
  const items = applyChanges(page.items, changes);
  return items === page.items ? page : { ...page, items };
}

/** Applies changes to items. Returns the same array if none of its items has changed. */
export function applyChanges(items: readonly JobItem[], changes: ReadonlyMap<number, ItemChange>): readonly JobItem[] {
  if (!items.some(({ index }) => changes.has(index))) return items;
  return items.map((item) => {
    const change = changes.get(item.index);
    return change && !isOlder(change, item) ? { ...item, ...change } : item;
  });
}

/** Whether an event is older than the loaded item: attempts only increase, and each starts before it ends. */
function isOlder(change: ItemChange, item: JobItem): boolean {
  if (change.attempts !== item.attempts) return change.attempts < item.attempts;
  return hasAttemptEnded(item.status) && !hasAttemptEnded(change.status);
}

function hasAttemptEnded(status: JobItemStatus): boolean {
  return status === 'retrying' || isTerminalItemStatus(status);
}
