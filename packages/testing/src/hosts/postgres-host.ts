import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectionUrl, createDatabase, postgresArguments, prepareCluster } from '@prodigon/stack';
import { scratchDirectory } from '../shared-resources.ts';
import { copyClusterTemplate } from '../temporary-postgres.ts';
import type { Network, NetworkHost } from './network-namespaces.ts';

export interface PostgresHost {
  /** A value of `DATABASE_URL`. */
  readonly url: string;
  /** Starts the server, and resolves when it accepts connections. */
  start(): Promise<void>;
}

const PORT = 5432;

/** Prepares a PostgreSQL server on a host of the network. It keeps its data when the host crashes. */
export async function createPostgresHost(network: Network, host: NetworkHost): Promise<PostgresHost> {
  const dataDirectory = mkdtempSync(join(scratchDirectory(), 'postgres-'));
  // PostgreSQL runs as another user, which must be able to traverse this folder.
  chmodSync(dataDirectory, 0o711);
  await copyClusterTemplate(dataDirectory);
  const { folder, binaries, serverUser, record } = await prepareCluster(dataDirectory);
  appendFileSync(join(folder, 'pg_hba.conf'), `host all all ${network.range} scram-sha-256\n`);
  const url = connectionUrl({ ...record, port: PORT }).replace('@127.0.0.1:', `@${host.address}:`);
  const user = serverUser ? [`--setuid=${serverUser.uid}`, `--setgid=${serverUser.gid}`] : [];
  const log = join(dataDirectory, 'server.log');
  const [nsenter = '', ...parameters] = [
    ...host.commandPrefix,
    ...user,
    join(binaries.directory, 'bin', 'postgres'),
    ...postgresArguments(folder, { port: PORT, settings: { listen_addresses: host.address } }),
  ];

  return {
    url,
    async start() {
      const output = openSync(log, 'a');
      const env = { PATH: process.env.PATH, LC_ALL: 'C' };
      const server = spawn(nsenter, parameters, { cwd: '/', env, stdio: ['ignore', output, output] });
      const state = { hasExited: false };
      server.once('exit', () => (state.hasExited = true));
      for (;;) {
        try {
          return await createDatabase(url);
        } catch (cause) {
          if (state.hasExited) throw new Error(`PostgreSQL has exited. See ${log}.`, { cause });
          await wait(100);
        }
      }
    },
  };
}
