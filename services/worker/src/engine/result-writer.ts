import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';
import { describeCause, type Logger } from '@prodigon/platform';
import type { ItemResult, Lease, LeaseStore, WorkerSession } from '@prodigon/ports';
import { leaseKey } from './lease-key.ts';

export interface SettlementWriterOptions {
  leaseStore: LeaseStore;
  logger: Logger;
  /** Told once for each settlement, when it is in the database or has been refused. */
  onSettled: (settlement: ItemResult, isRefused: boolean) => void;
}

interface Entry {
  readonly session: WorkerSession;
  readonly settlement: ItemResult;
}

const BATCH_MAX = 500;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

/**
 * Writes outcomes down, one transaction after the other: whatever comes while one is under way goes into
 * the next, so a lone outcome waits for nothing and many share their cost. An outcome is kept until the
 * database has taken it, or has refused it because somebody else has the item.
 */
export class SettlementWriter {
  readonly #options: SettlementWriterOptions;
  #entries: Entry[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: SettlementWriterOptions) {
    this.#options = options;
  }

  /** Outcomes that are not in the database yet. */
  get backlog(): number {
    return this.#entries.length;
  }

  /** What they are about. */
  get leases(): readonly Lease[] {
    return this.#entries.map(({ settlement }) => settlement.item);
  }

  add(session: WorkerSession, settlement: ItemResult): void {
    this.#entries.push({ session, settlement });
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything that was added has been settled, or when `signal` aborts. */
  async flush(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([this.#writing, aborted]);
  }

  async #writeAll(): Promise<void> {
    let failures = 0;
    while (this.#entries.length > 0) {
      const batch = this.#nextBatch();
      try {
        await this.#write(batch);
        failures = 0;
        this.#entries.splice(0, batch.length);
      } catch (thrown) {
        const error = AppError.from(thrown);
        failures += 1;
        if (failures === 1)
          this.#options.logger.error({ code: error.code, ...describeCause(error) }, 'Outcomes cannot be recorded');
        if (error.code === 'INTERNAL_ERROR' && failures > 1) await this.#isolate(batch);
        else await wait(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures));
      }
    }
    this.#writing = undefined;
  }

  /** Of one session, and without an item twice. */
  #nextBatch(): Entry[] {
    const [first] = this.#entries;
    const batch = this.#entries.slice(0, BATCH_MAX);
    const other = batch.findIndex(({ session }) => session !== first?.session);
    return other < 0 ? batch : batch.slice(0, other);
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    const { leaseStore, onSettled } = this.#options;
    const [first] = batch;
    if (!first) return;
    const { refused } = await leaseStore.recordResults(
      first.session,
      batch.map(({ settlement }) => settlement),
    );
    const keys = new Set(refused.map(leaseKey));
    for (const { settlement } of batch) onSettled(settlement, keys.has(leaseKey(settlement.item)));
  }

  /** Something in the batch cannot be stored: one by one, and what cannot is recorded as failed. */
  async #isolate(batch: readonly Entry[]): Promise<void> {
    for (const entry of batch) {
      try {
        await this.#write([entry]);
      } catch (thrown) {
        if (AppError.from(thrown).code !== 'INTERNAL_ERROR') return;
        const { code, message } = new AppError('INTERNAL_ERROR', 'The answer could not be stored.');
        const settlement: ItemResult = {
          item: entry.settlement.item,
          outcome: { type: 'failed', error: { code, message }, latencyMs: 0 },
        };
        await this.#write([{ ...entry, settlement }]).catch(() => undefined);
      }
      this.#entries.splice(this.#entries.indexOf(entry), 1);
    }
  }
}
