import { randomUUIDv7 } from 'node:crypto';
import type { Logger } from '@prodigon/platform';
import type { Lease, LeaseStore, WorkerSession } from '@prodigon/ports';

export interface WorkerSessionOptions {
  leaseStore: LeaseStore;
  name: string;
  leaseMs: number;
  logger: Logger;
  /** Called when the session has expired and other workers may hold its items. */
  onExpired: () => void;
}

/** The session of this worker, renewed after a third of its lease. When it expires, a new session replaces it. */
export interface WorkerSessionKeeper {
  readonly current: WorkerSession;
  /** Whether the lease is certainly valid, by this process's monotonic clock. */
  readonly isValid: boolean;
  /** Opens or renews the session when it is due. Throws the errors of the store. */
  renewIfDue(): Promise<void>;
  close(): Promise<void>;
}

/** Creates the session of this worker. The first `renewIfDue` opens it. */
export function createWorkerSession(options: WorkerSessionOptions): WorkerSessionKeeper {
  const { leaseStore, name, leaseMs, logger, onExpired } = options;
  const newSession = (): WorkerSession => ({ id: randomUUIDv7(), name, leaseMs });
  let session = newSession();
  let validUntil = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  let renewal: Promise<void> | undefined;
  let nextRenewalAt = 0;
  let disconnects = 0;

  /** Makes the next `renewIfDue` renew the lease, because the database ends disconnected sessions early. */
  function onDisconnected(): void {
    disconnects += 1;
    nextRenewalAt = 0;
    validUntil = Number.NEGATIVE_INFINITY;
  }

  async function renew(): Promise<void> {
    // The lease counts from before the request, so that this worker never assumes a longer lease than the database.
    const sentAt = performance.now();
    const disconnectsBefore = disconnects;
    if (isOpen && !(await leaseStore.renewSession(session))) {
      logger.warn({ worker: name }, 'The lease of this worker expired; other workers took over its items');
      session = newSession();
      isOpen = false;
      validUntil = Number.NEGATIVE_INFINITY;
      onExpired();
    }
    if (!isOpen) {
      await leaseStore.openSession(session, onDisconnected);
      isOpen = true;
    }
    if (disconnects !== disconnectsBefore) return;
    validUntil = sentAt + leaseMs;
    nextRenewalAt = sentAt + leaseMs / 3;
  }

  return {
    get current() {
      return session;
    },
    get isValid() {
      return performance.now() < validUntil;
    },
    async renewIfDue() {
      if (performance.now() < nextRenewalAt) return;
      renewal ??= renew().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    async close() {
      await renewal?.catch(() => undefined);
      validUntil = Number.NEGATIVE_INFINITY;
      if (isOpen) await leaseStore.closeSession(session);
    },
  };
}

export interface OrphanedLeasesOptions {
  leaseStore: LeaseStore;
  /** Interval of checks while no claim fails, in milliseconds. */
  everyMs: number;
}

/**
 * Creates a finder of leases that the session holds in the database but this worker does not know. They result from
 * claims whose response was lost, e.g. in a crash of the database.
 */
export function createOrphanedLeases({ leaseStore, everyMs }: OrphanedLeasesOptions) {
  let nextCheckAt = 0;
  return {
    /** Makes the next `find` query the database. Call it when a claim fails. */
    suspect(): void {
      nextCheckAt = 0;
    },
    /** Returns the orphaned leases. Call it between claims only. `known` returns the leases that the worker holds now. */
    async find(session: WorkerSession, known: () => Iterable<Lease>): Promise<readonly Lease[]> {
      const sentAt = performance.now();
      if (sentAt < nextCheckAt) return [];
      const keys = new Set([...known()].map(leaseKey));
      const held = await leaseStore.findHeldLeases(session);
      nextCheckAt = sentAt + everyMs;
      return held.filter((lease) => !keys.has(leaseKey(lease)));
    },
  };
}

/** Returns a key that is unique to the lease. */
export function leaseKey({ jobId, index, lease }: Lease): string {
  return `${jobId}:${index}:${lease}`;
}
