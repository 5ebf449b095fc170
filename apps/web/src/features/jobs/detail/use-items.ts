import { AppError, type JobItem, type JobItemList, type JobItemStatus } from '@prodigon/contracts';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { JobWatch } from './create-job-watch.ts';
import { type ItemChange, withChanges } from './item-change.ts';

export const ITEMS_ON_PAGE = 50;
/** How often a filtered page is read anew while its job runs. */
const REREAD_EVERY_MS = 2_000;
const RETRY_AFTER_MS = 2_000;

export interface ItemsPage {
  items: readonly JobItem[];
  next_after: number | null;
}

interface ItemsQuery {
  after: number;
  status: JobItemStatus | undefined;
}

/**
 * One page of a job's items, kept as new as the events are. Which items a status filter shows is the
 * server's to say, so a filtered page is read again instead.
 */
export function useItems(watch: JobWatch, { after, status }: ItemsQuery) {
  const epoch = useStore(watch.store, (state) => state.epoch);
  const [page, setPage] = useState<ItemsPage | null>(null);
  const [failure, setFailure] = useState<AppError | null>(null);
  const question = `${after} ${status}`;
  const [answered, setAnswered] = useState('');

  useEffect(() => {
    if (epoch === 0) return;
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** What changed while a page was on its way. */
    let meanwhile = new Map<number, ItemChange>();
    let isReading = false;

    const read = async () => {
      timer = undefined;
      isReading = true;
      meanwhile = new Map();
      try {
        const list: JobItemList = await watch.items({ limit: ITEMS_ON_PAGE, after, ...(status && { status }) }, signal);
        setPage({ next_after: list.next_after, items: withChanges(list.items, meanwhile) });
        setAnswered(`${after} ${status}`);
        setFailure(null);
      } catch (thrown) {
        if (signal.aborted) return;
        setFailure(AppError.from(thrown));
        timer = setTimeout(read, RETRY_AFTER_MS);
      } finally {
        isReading = false;
      }
    };
    const stopListening = watch.onItems((changes) => {
      if (isReading) for (const [index, change] of changes) meanwhile.set(index, change);
      setPage((before) => before && withNewer(before, changes));
      if (status) timer ??= setTimeout(read, REREAD_EVERY_MS);
    });
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
      stopListening();
    };
  }, [watch, epoch, after, status]);

  return { page, failure, isOutdated: page !== null && answered !== question };
}

function withNewer(page: ItemsPage, changes: ReadonlyMap<number, ItemChange>): ItemsPage {
  const items = withChanges(page.items, changes);
  return items === page.items ? page : { ...page, items };
}
