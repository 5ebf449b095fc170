import type { UsageRecord, UsageStore } from '@prodigon/ports';

/** A store that writes down what it is told, and has nothing to report. */
export function createRecordingUsage(): { records: UsageRecord[]; usage: UsageStore } {
  const records: UsageRecord[] = [];
  const usage: UsageStore = {
    async record(added) {
      records.push(...added);
      return added.length;
    },
    summarize: async () => [],
    purge: async () => 0,
  };
  return { records, usage };
}
