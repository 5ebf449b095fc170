import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform';
import { type MeasuredProcess, startProcess } from '../common/measured-process.ts';
import { type Peer, type PeerOptions, runningPeer } from './peer.ts';

export interface ProdigonOptions {
  readonly topology: 'services' | 'monolith';
  readonly databaseUrl: string;
  /** Variables that differ from what a first start has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Ours with everything on as by default: validation, logs at info, metrics, limits, usage recorded in the database. */
export function createProdigon({ topology, databaseUrl, settings = {} }: ProdigonOptions): Peer {
  const isMonolith = topology === 'monolith';
  return {
    name: isMonolith ? 'Prodigon, one process' : 'Prodigon, services',
    hops: isMonolith ? 1 : 2,
    async start({ providerUrl, env }: PeerOptions) {
      const directory = mkdtempSync(join(tmpdir(), 'prodigon-bench-'));
      const shared = {
        ...env,
        GATEWAY_PORT: '0',
        MODEL_PORT: '0',
        DATA_DIR: directory,
        DATABASE_URL: databaseUrl,
        INTERNAL_TOKEN: randomBytes(32).toString('base64url'),
        OPENAI_BASE_URL: `${providerUrl}/v1`,
        OPENAI_API_KEY: 'key-of-the-bench',
        ...settings,
      };
      const app = (name: string, more: Record<string, string> = {}) =>
        startProcess({
          program: process.execPath,
          parameters: [join(REPOSITORY_ROOT, 'apps', name, 'src/main.ts')],
          env: { ...shared, ...more },
        });
      const processes: MeasuredProcess[] = [];
      if (isMonolith) processes.push(await app('monolith'));
      else {
        const model = await app('model');
        processes.push(await app('gateway', { MODEL_SERVICE_URL: model.url }), model);
      }
      const peer = runningPeer(processes);
      return {
        ...peer,
        async close() {
          await peer.close();
          rmSync(directory, { recursive: true, force: true });
        },
      };
    },
  };
}
