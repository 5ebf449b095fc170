import { AppError } from '@prodigon/contracts';
import type { IdempotencyClaim, IdempotencyStore, IdempotentResponse } from '@prodigon/ports';

/** Creates a store without a database. `calls` are the names of the methods in order. */
export function createMemoryIdempotencyStore() {
  const entries = new Map<string, { claim: IdempotencyClaim; response?: IdempotentResponse }>();
  const calls: string[] = [];
  const idOf = ({ ownerId, route, key }: IdempotencyClaim) => JSON.stringify([ownerId, route, key]);
  const store: IdempotencyStore = {
    async claim(claim) {
      calls.push('claim');
      const earlier = entries.get(idOf(claim));
      if (!earlier) return void entries.set(idOf(claim), { claim });
      if (!earlier.claim.fingerprint.equals(claim.fingerprint)) throw new AppError('VALIDATION_ERROR');
      if (!earlier.response) throw new AppError('CONFLICT');
      return earlier.response;
    },
    async renew() {
      calls.push('renew');
    },
    async complete(claim, response) {
      calls.push('complete');
      entries.set(idOf(claim), { claim, response });
    },
    async release(claim) {
      calls.push('release');
      entries.delete(idOf(claim));
    },
  };
  return { store, calls };
}
