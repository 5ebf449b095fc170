import { randomUUIDv7 } from 'node:crypto';
import type { Logger } from '@prodigon/platform';
import type { LeaseStore, WorkerSession as Session } from '@prodigon/ports';

export interface WorkerSessionOptions {
  leaseStore: LeaseStore;
  name: string;
  leaseMs: number;
  logger: Logger;
  /** Others may have what this worker held. */
  onLost: () => void;
}

/**
 * This worker's claim to what it holds: a row that it renews at a third of its lease. Whether it still holds
 * is judged by this process's own steady clock from before each renewal was sent, so it gives up a little
 * before the database does, never after.
 */
export class WorkerSession {
  readonly #options: WorkerSessionOptions;
  #session: Session;
  #validUntil = Number.NEGATIVE_INFINITY;
  #isOpen = false;
  #renewal: Promise<void> | undefined;
  #nextRenewalAt = 0;

  constructor(options: WorkerSessionOptions) {
    this.#options = options;
    this.#session = this.#newSession();
  }

  get current(): Session {
    return this.#session;
  }

  /** Whether work may be begun now. */
  get isValid(): boolean {
    return performance.now() < this.#validUntil;
  }

  /** Opens or renews when it is time to. Throws what the database throws; called again later, it goes on. */
  async keep(): Promise<void> {
    if (performance.now() < this.#nextRenewalAt) return;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async close(): Promise<void> {
    await this.#renewal?.catch(() => undefined);
    this.#validUntil = Number.NEGATIVE_INFINITY;
    if (this.#isOpen) await this.#options.leaseStore.closeSession(this.#session);
  }

  async #renew(): Promise<void> {
    const { leaseStore, leaseMs, logger, onLost } = this.#options;
    const sentAt = performance.now();
    if (this.#isOpen && !(await leaseStore.renewSession(this.#session))) {
      logger.warn({ worker: this.#session.name }, 'Others took over what this worker held, because it had been silent');
      this.#session = this.#newSession();
      this.#isOpen = false;
      this.#validUntil = Number.NEGATIVE_INFINITY;
      onLost();
    }
    if (!this.#isOpen) {
      await leaseStore.openSession(this.#session);
      this.#isOpen = true;
    }
    this.#validUntil = sentAt + leaseMs;
    this.#nextRenewalAt = sentAt + leaseMs / 3;
  }

  #newSession(): Session {
    return { id: randomUUIDv7(), name: this.#options.name, leaseMs: this.#options.leaseMs };
  }
}
