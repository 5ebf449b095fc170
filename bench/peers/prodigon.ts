import { startLabStack } from '@prodigon/lab';
import { PATH, type Peer } from './peer.ts';

export interface ProdigonOptions {
  readonly topology: 'services' | 'monolith';
  /** The display name; the topology by default. */
  readonly name?: string;
  readonly databaseUrl: string;
  /** Environment variables that differ from their defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The processes on the request path of a chat completion, without the worker. */
const SERVICES: ReadonlySet<string> = new Set(['gateway', 'model', 'monolith']);

/** Runs Prodigon as `prodigon start` does, with validation, logs at info, metrics, limits and usage records. */
export function createProdigon({ topology, databaseUrl, settings = {}, ...options }: ProdigonOptions): Peer {
  const isMonolith = topology === 'monolith';
  return {
    name: options.name ?? (isMonolith ? 'Prodigon, one process' : 'Prodigon, services'),
    hops: isMonolith ? 1 : 2,
    async start({ providerUrl, env }) {
      const stack = await startLabStack({
        topology,
        env: {
          ...env,
          DATABASE_URL: databaseUrl,
          OPENAI_BASE_URL: `${providerUrl}/v1`,
          OPENAI_API_KEY: 'key-of-the-bench',
          ...settings,
        },
      });
      return {
        url: stack.url,
        path: PATH,
        headers: {},
        pids: stack.processes.filter(({ service }) => SERVICES.has(service)).map(({ pid }) => pid),
        close: stack.close,
      };
    },
  };
}
