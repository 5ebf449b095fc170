import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnswerCheck,
  createPin,
  createSharedPin,
  MeasurementRejectedError,
  type Pin,
  type RunningVariant,
  type Variant,
  withProbe,
} from '@prodigon/lab';
import { startTestPostgres } from '@prodigon/testing';
import { checkPeer } from '../peers/check-peer.ts';
import { createPeers, type PeerId } from '../peers/create-peers.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { startProvider } from '../provider/start-provider.ts';
import { waitUntilIdle } from './wait-until-idle.ts';

/** A peer that has shown that its answers are right. */
export interface Candidate extends RunningPeer, RunningVariant {
  /** Who may answer for it. */
  readonly processes: NonNullable<AnswerCheck['processes']>;
  /** Resolves when the provider has no stream open any more, after callers have left, with how many had to be broken off. */
  readonly settled: (signal: AbortSignal) => Promise<number>;
  /** Where its Node processes can be asked by `readProbe`. */
  readonly probes: string;
}

export interface Benchmark {
  readonly pin: Pin;
  readonly variants: readonly Variant<Candidate>[];
  close(): Promise<void>;
}

export interface BenchmarkOptions {
  readonly peers: readonly PeerId[];
  /** Only these of them, to try something out; all when empty. */
  readonly only: readonly string[];
  /** Variables of ours that differ from what a first start has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether generator and provider take their share of the CPU that is measured. */
  readonly isOneCpu?: boolean;
}

/** What everybody is compared with who has as many hops. */
const COMPARED_WITH: Partial<Record<PeerId, PeerId>> = {
  nginx: 'bare-1',
  portkey: 'bare-1',
  monolith: 'bare-1',
  services: 'bare-2',
};

/** Peers that call one provider, and a database for ours. */
export async function openBenchmark({ peers: ids, only, settings = {}, isOneCpu = false }: BenchmarkOptions): Promise<Benchmark> {
  const chosen = ids.filter((id) => only.length === 0 || only.includes(id));
  if (chosen.length === 0)
    throw new MeasurementRejectedError(`None of these takes part: ${only.join(', ')}. There are: ${ids.join(', ')}.`);
  const probes = mkdtempSync(join(tmpdir(), 'lab-'));
  const runId = randomUUID();
  const { PATH, HOME } = process.env;
  const postgres = await startTestPostgres();
  const provider = await startProvider({ env: { PATH, HOME }, runId });
  const pin = isOneCpu ? createSharedPin() : createPin();
  pin.helpers([provider.pid, postgres.pid]);
  const peers = createPeers({ databaseUrl: postgres.url, settings });

  const createVariant = (id: PeerId): Variant<Candidate> => {
    const { name, start } = peers[id];
    const other = COMPARED_WITH[id];
    return {
      name,
      ...(other && { comparedWith: peers[other].name }),
      async start() {
        const env = withProbe({ PATH, HOME }, { runId, directory: probes });
        const peer = await start({ providerUrl: provider.url, env });
        try {
          await checkPeer(name, peer);
        } catch (error) {
          await peer.close();
          throw error;
        }
        // Who passes on all headers of an answer passes on who made it.
        const settled = (signal: AbortSignal) => waitUntilIdle(provider.url, signal);
        return { ...peer, probes, settled, processes: { runId, pids: [...peer.pids, provider.pid] } };
      },
    };
  };
  return {
    pin,
    variants: chosen.map(createVariant),
    async close() {
      await provider.close();
      await postgres.close();
      rmSync(probes, { recursive: true, force: true });
    },
  };
}
