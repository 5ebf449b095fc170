import { startLabStack } from '@prodigon/lab';
import { PATH, type Peer } from './peer.ts';

export interface ProdigonOptions {
  readonly topology: 'services' | 'monolith';
  readonly databaseUrl: string;
  /** Variables that differ from what a first start has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** On the way of a chat completion. The worker is not. */
const SERVICES: ReadonlySet<string> = new Set(['gateway', 'model', 'monolith']);

/** Ours as `prodigon start` runs it, with everything on: validation, logs at info, metrics, limits, usage recorded in the database. */
export function createProdigon({ topology, databaseUrl, settings = {} }: ProdigonOptions): Peer {
  const isMonolith = topology === 'monolith';
  return {
    name: isMonolith ? 'Prodigon, one process' : 'Prodigon, services',
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
