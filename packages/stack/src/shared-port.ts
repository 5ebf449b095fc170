import type { ChildProcess } from 'node:child_process';
import { createConnectionDistributor } from './connection-distributor.ts';
import { toUrl } from './listen-url.ts';
import { assertPortFree } from './port-check.ts';
import type { ProcessPlan } from './process-plan.ts';
import { assignOwnPorts } from './replicas.ts';

/** The port that several gateways share. Does nothing for a single gateway, which listens itself. */
export interface SharedPort {
  /** Null before it is open, and for a single gateway. */
  readonly url: string | null;
  /** The own addresses of the gateways; empty for a single gateway. */
  readonly ownUrls: readonly string[];
  /** Throws a `StackError` (78) when the port is in use. */
  assertFree(): Promise<void>;
  /** Opens the port before these replicas start, if they share one. Returns their plans with their own ports. */
  openFor(replicas: readonly ProcessPlan[]): Promise<readonly ProcessPlan[]>;
  /** Sends connections to the process if it shares the port. */
  attach(planned: ProcessPlan, child: ChildProcess): void;
  close(): void;
}

export function createSharedPort(plan: readonly ProcessPlan[]): SharedPort {
  const address = plan.find(({ sharedAddress }) => sharedAddress)?.sharedAddress;
  const distributor = createConnectionDistributor();
  let ownUrls: readonly string[] = [];

  return {
    get url() {
      return distributor.url;
    },
    get ownUrls() {
      return ownUrls;
    },
    async assertFree() {
      if (address) await assertPortFree(address);
    },
    async openFor(replicas) {
      if (!address || replicas.every(({ sharedAddress }) => !sharedAddress)) return replicas;
      await distributor.listen(address);
      const gateways = await assignOwnPorts(replicas);
      ownUrls = gateways.map(toUrl);
      return gateways;
    },
    attach({ sharedAddress }, child) {
      if (sharedAddress) distributor.attach(child);
    },
    close: distributor.close,
  };
}
