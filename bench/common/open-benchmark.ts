import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createPin,
  createSharedPin,
  MeasurementRejectedError,
  type Pin,
  type ResponseCheck,
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

/** A running peer whose responses `checkPeer` has verified. */
export interface Candidate extends RunningPeer, RunningVariant {
  /** The processes that may send its responses; undefined when no header identifies them. */
  readonly processes: ResponseCheck['processes'];
  /** Waits until the provider has no open stream. Resolves with the number of streams that it had to close. */
  readonly drainStreams: (signal: AbortSignal) => Promise<number>;
  /** The folder with the probes of its Node processes, for `readProbe`. */
  readonly probeDirectory: string;
}

export interface Benchmark {
  readonly pin: Pin;
  readonly variants: readonly Variant<Candidate>[];
  close(): Promise<void>;
}

export interface BenchmarkOptions {
  readonly peers: readonly PeerId[];
  /** Restricts the peers, for trial runs. Empty for all. */
  readonly only: readonly string[];
  /** Environment variables of Prodigon that differ from their defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the generator and the provider run on the same CPU as the processes under test. */
  readonly isOneCpu?: boolean;
}

/** The baseline of each peer: the bare proxy with the same number of hops, HTTP/1.1 for the other transports, and the same topology without limits. */
const COMPARED_WITH: Partial<Record<PeerId, PeerId>> = {
  nginx: 'bare-1',
  portkey: 'bare-1',
  litellm: 'bare-1',
  monolith: 'bare-1',
  services: 'bare-2',
  'in-process': 'http1',
  http2: 'http1',
  grpc: 'http1',
  'monolith-limits': 'monolith',
  'monolith-redis': 'monolith',
  'services-limits': 'services',
  'services-redis': 'services',
};

/** Starts a provider and a database, and prepares the peers as variants. Throws a `MeasurementRejectedError` for unknown peers. */
export async function openBenchmark({ peers: ids, only, settings = {}, isOneCpu = false }: BenchmarkOptions): Promise<Benchmark> {
  const chosen = ids.filter((id) => only.length === 0 || only.includes(id));
  if (chosen.length === 0)
    throw new MeasurementRejectedError(`Unknown peers: ${only.join(', ')}. This benchmark has: ${ids.join(', ')}.`);
  const probeDirectory = mkdtempSync(join(tmpdir(), 'lab-'));
  const runId = randomUUID();
  const { PATH, HOME } = process.env;
  const postgres = await startTestPostgres();
  const provider = await startProvider({ env: { PATH, HOME }, runId });
  const pin = isOneCpu ? createSharedPin() : createPin();
  pin.helpers([provider.pid, postgres.pid]);
  const peers = createPeers({ databaseUrl: postgres.url, settings });

  const isAvailable = (id: PeerId) => {
    const missing = peers[id].requirement?.() ?? null;
    if (missing !== null) process.stdout.write(`${missing}\n`);
    return missing === null;
  };
  const createVariant = (id: PeerId): Variant<Candidate> => {
    const { name, start } = peers[id];
    const other = COMPARED_WITH[id];
    return {
      name,
      ...(other && { comparedWith: peers[other].name }),
      async start() {
        const env = withProbe({ PATH, HOME }, { runId, directory: probeDirectory });
        const peer = await start({ providerUrl: provider.url, env });
        try {
          await checkPeer(name, peer);
        } catch (error) {
          await peer.close();
          throw error;
        }
        const drainStreams = (signal: AbortSignal) => waitUntilIdle(provider.url, signal);
        // A proxy that forwards all headers forwards the identity of the provider.
        const processes = { runId, pids: [...peer.pids, provider.pid] };
        return { ...peer, probeDirectory, drainStreams, processes: peer.forwardsHeaders === false ? undefined : processes };
      },
    };
  };
  return {
    pin,
    variants: chosen.filter(isAvailable).map(createVariant),
    async close() {
      await provider.close();
      await postgres.close();
      rmSync(probeDirectory, { recursive: true, force: true });
    },
  };
}
