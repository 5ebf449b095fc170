import type { Lease, LeaseStore, WorkerSession } from '@prodigon/ports';
import { leaseKey } from './lease-key.ts';

export interface ForgottenLeasesOptions {
  leaseStore: LeaseStore;
  /** How often to look while nothing has gone wrong, in milliseconds. */
  everyMs: number;
}

/**
 * What a session holds and its worker does not know of. When the answer to a claim was lost, e.g. because the
 * database went down in between, the claim may have been carried out all the same: what it took would be held
 * for as long as the worker lives.
 */
export class ForgottenLeases {
  readonly #options: ForgottenLeasesOptions;
  #nextLookAt = 0;

  constructor(options: ForgottenLeasesOptions) {
    this.#options = options;
  }

  /** A claim has failed. */
  suspect(): void {
    this.#nextLookAt = 0;
  }

  /** Only between claims, so that none is under way; `known` is what the worker holds at this moment. */
  async find(session: WorkerSession, known: () => Iterable<Lease>): Promise<readonly Lease[]> {
    const askedAt = performance.now();
    if (askedAt < this.#nextLookAt) return [];
    const keys = new Set([...known()].map(leaseKey));
    const held = await this.#options.leaseStore.findHeldLeases(session);
    this.#nextLookAt = askedAt + this.#options.everyMs;
    return held.filter((lease) => !keys.has(leaseKey(lease)));
  }
}
