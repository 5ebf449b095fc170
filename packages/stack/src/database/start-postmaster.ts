import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { sleep } from '@prodigon/contracts';
import { identifyProcess, isAlive, type ProcessIdentity, signalProcess } from '../process-identity.ts';
import { StackError } from '../stack-error.ts';
import type { Cluster } from './cluster.ts';
import { openLog, rotateLog } from './log-rotation.ts';
import { findPostmaster } from './postmaster-file.ts';

const POLL_INTERVAL_MS = 10;
/** Includes replaying the write-ahead log after a crash. */
const READY_TIMEOUT_MS = 300_000;
/** Enough for the messages of a failed start. Older lines may contain errors of an earlier one. */
const LOG_LINES_CHECKED = 20;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The client receives its own errors. In the log, a statement would expose a user's prompt.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

/** A server process that accepts connections. */
export interface Postmaster {
  readonly identity: ProcessIdentity;
  readonly port: number;
  /** Resolves with the reason for the exit, e.g. `exit code 1`. */
  readonly ended: Promise<string>;
}

export interface PostmasterOptions {
  readonly port: number;
  /** PostgreSQL settings that override the defaults. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts the server and resolves when it accepts connections. The server has its own session, so that Ctrl-C at the
 * terminal does not reach it. Throws a `StackError` with the last error of the log when the server ends first.
 */
export async function startPostmaster(cluster: Cluster, { port, settings }: PostmasterOptions): Promise<Postmaster> {
  const { folder, binaries, serverUser, dataDirectory } = cluster;
  const log = logPath(dataDirectory);
  rotateLog(log);
  const output = openLog(log);
  const child = spawn(join(binaries.directory, 'bin', 'postgres'), postgresArguments(folder, { port, settings }), {
    ...serverUser,
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const identity = child.pid === undefined ? null : identifyProcess(child.pid);
  const ended = waitForExit(child);
  if (identity === null) throw new StackError(`The database could not be started: ${await ended}`);
  if (await isReady(folder, identity)) return { identity, port, ended };
  if (isAlive(identity)) {
    signalProcess(identity, 'SIGQUIT');
    throw new StackError(`The database was not ready after ${READY_TIMEOUT_MS / 1000} s. See ${log}.`);
  }
  throw new StackError(`The database could not be started: ${findLastError(readFileSync(log, 'utf8'))} (see ${log})`);
}

/** Returns the command line arguments of the server. */
export function postgresArguments(folder: string, { port, settings }: PostmasterOptions): string[] {
  const flags = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', folder, '-p', String(port), ...flags];
}

export const logPath = (dataDirectory: string) => join(dataDirectory, 'database.log');

/** Returns a free port on 127.0.0.1: the preferred port if it is free. */
export function findFreePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (preferred === 0 ? reject(error) : resolve(findFreePort())));
    server.listen(preferred, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function isReady(folder: string, identity: ProcessIdentity): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    const found = findPostmaster(folder);
    if (found?.isReady && found.identity.started === identity.started && found.identity.pid === identity.pid) return true;
    if (!isAlive(identity)) return false;
    await sleep(POLL_INTERVAL_MS);
  }
  return false;
}

function waitForExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
}

/** Returns the last error in the final lines of a log, without its prefix; the last line when there is no error. */
export function findLastError(log: string): string {
  const lines = log.trim().split('\n').slice(-LOG_LINES_CHECKED);
  const line = lines.findLast((candidate) => /FATAL|PANIC|error/.test(candidate)) ?? lines.at(-1) ?? '';
  return line.replace(/^.*?(FATAL|PANIC):\s*/, '');
}
