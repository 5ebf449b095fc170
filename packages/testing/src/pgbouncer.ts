import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS, requireProgram } from './find-program.ts';
import { reservePort } from './reserve-port.ts';
import { scratchDirectory } from './shared-resources.ts';

export interface PgBouncer {
  /** Returns the URL of the same database and user, through the pooler. */
  through(url: string): string;
  close(): Promise<void>;
}

export interface PgBouncerOptions {
  /** URLs of one server, with the users that may connect. */
  readonly urls: readonly string[];
  readonly mode: 'session' | 'transaction';
  /** Startup parameters that it accepts and ignores, in addition to `application_name`, which it supports. */
  readonly ignoredParameters?: readonly string[];
}

/** Ends PgBouncer when this process exits, which closes the pipe between them. SIGQUIT is for version 1.23 and later. */
const SCRIPT = '"$1" "$2" & pid=$!; read -r _; kill "$pid"; kill -QUIT "$pid"; wait "$pid"';

/** Starts PgBouncer in front of a PostgreSQL server. */
export async function startPgBouncer({ urls, mode, ignoredParameters = [] }: PgBouncerOptions): Promise<PgBouncer> {
  const folder = mkdtempSync(join(scratchDirectory(), 'pgbouncer-'));
  const port = await reservePort();
  const parsed = urls.map((url) => new URL(url));
  const users = parsed.map(({ username, password }) => `"${username}" "${password}"\n`);
  writeFileSync(join(folder, 'users.txt'), users.join(''));
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: join(folder, 'users.txt'),
    pool_mode: mode,
    ...(ignoredParameters.length > 0 && { ignore_startup_parameters: ignoredParameters.join() }),
    // It does not run as root. This user owns the server's files too.
    ...(process.getuid?.() === 0 && { user: 'postgres' }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const server = `host=${parsed[0]?.hostname} port=${parsed[0]?.port}`;
  const path = join(folder, 'pgbouncer.ini');
  writeFileSync(path, ['[databases]', `* = ${server}`, '[pgbouncer]', ...lines, ''].join('\n'));

  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', requireProgram(PROGRAMS.pgbouncer), path], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      if (output.includes('process up')) resolve();
      if (output.includes('FATAL')) reject(new Error(`PgBouncer did not start:\n${output}`));
    });
    child.once('exit', () => reject(new Error(`PgBouncer did not start:\n${output}`)));
  });
  return {
    through(url) {
      const changed = new URL(url);
      changed.host = `127.0.0.1:${port}`;
      return changed.href;
    },
    async close() {
      child.stdin.end();
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}
