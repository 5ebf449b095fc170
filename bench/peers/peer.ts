import type { MeasuredProcess } from '../common/measured-process.ts';

export interface PeerOptions {
  /** Of each of its processes; what is measured can be asked when it has a probe. */
  readonly env: NodeJS.ProcessEnv;
  /** Without `/v1`. */
  readonly providerUrl: string;
}

/** What chat completions are asked of while it is measured. */
export interface RunningPeer {
  readonly url: string;
  /** Of chat completions. */
  readonly path: string;
  /** What it needs besides a content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** The processes whose CPU time and memory are its own. */
  readonly pids: readonly number[];
  close(): Promise<void>;
}

export interface Peer {
  /** For people. */
  readonly name: string;
  /** Processes between caller and provider. */
  readonly hops: number;
  start(options: PeerOptions): Promise<RunningPeer>;
}

/** Of chat completions, wherever OpenAI's API is spoken. */
export const PATH = '/v1/chat/completions';

/** A peer made of these processes. The first one is called. */
export function runningPeer(processes: readonly MeasuredProcess[], headers: RunningPeer['headers'] = {}): RunningPeer {
  const [front] = processes;
  return {
    url: front?.url ?? '',
    path: PATH,
    headers,
    pids: processes.map(({ pid }) => pid),
    async close() {
      for (const each of processes) await each.close();
    },
  };
}
