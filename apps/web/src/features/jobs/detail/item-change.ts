import type { JobEventData, JobItem, JobItemStatus } from '@prodigon/contracts';

/** An item's newest state as an event tells it: without its prompt and output. */
export type ItemChange = JobEventData<'item'>;

const isSettled = (status: JobItemStatus) => status !== 'pending' && status !== 'running';

/** An event may be older than the page that it meets: attempts only grow, and each begins before it ends. */
function isOlder(change: ItemChange, item: JobItem): boolean {
  if (change.attempts !== item.attempts) return change.attempts < item.attempts;
  return isSettled(item.status) && !isSettled(change.status);
}

/** The same items when nothing about them has changed. */
export function withChanges(items: readonly JobItem[], changes: ReadonlyMap<number, ItemChange>): readonly JobItem[] {
  if (!items.some(({ index }) => changes.has(index))) return items;
  return items.map((item) => {
    const change = changes.get(item.index);
    return change && !isOlder(change, item) ? { ...item, ...change } : item;
  });
}
