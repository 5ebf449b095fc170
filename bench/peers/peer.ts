import type { MeasuredProcess } from '../common/measured-process.ts';

export interface PeerOptions {
  /** The environment of each process. `withProbe` attaches the probe. */
  readonly env: NodeJS.ProcessEnv;
  /** The base URL without `/v1`. */
  readonly providerUrl: string;
}

/** A running peer, which receives chat completion requests. */
export interface RunningPeer {
  readonly url: string;
  /** The URL that avoids a reverse proxy in front of the peer. Only peers behind one have it. */
  readonly directUrl?: string;
  /** The path of chat completions. */
  readonly path: string;
  /** Required request headers besides the content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** The processes whose CPU time and memory count. */
  readonly pids: readonly number[];
  /** False for a peer that drops unknown response headers, so that no header identifies the process that responded. */
  readonly forwardsHeaders?: boolean;
  /** The share of the streams of a round that a slow peer gets. Defaults to 1. */
  readonly loadShare?: number;
  close(): Promise<void>;
}

export interface Peer {
  /** The display name. */
  readonly name: string;
  /** The number of processes between client and provider. */
  readonly hops: number;
  /** Returns what the peer needs in one sentence, or null when this machine has it. */
  readonly requirement?: () => string | null;
  start(options: PeerOptions): Promise<RunningPeer>;
}

/** The path of chat completions in the OpenAI API. */
export const PATH = '/v1/chat/completions';

/** Combines processes into a running peer. The first process accepts requests. */
export function createRunningPeer(processes: readonly MeasuredProcess[], headers: RunningPeer['headers'] = {}): RunningPeer {
  const [entry] = processes;
  return {
    url: entry?.url ?? '',
    path: PATH,
    headers,
    pids: processes.map(({ pid }) => pid),
    async close() {
      for (const each of processes) await each.close();
    },
  };
}
