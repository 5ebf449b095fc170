import { AppError } from '@prodigon/contracts';
import type { UsageStore } from '@prodigon/ports';

/** For a model service without a database: keeps nothing, and says so to who asks. */
export function createNoopUsageStore(): UsageStore {
  return {
    record: async () => 0,
    async summarize() {
      throw new AppError('SERVICE_UNAVAILABLE', 'Usage is not recorded: the model service has no DATABASE_URL.');
    },
    purge: async () => 0,
  };
}
