import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureProgram, requireProgram } from '@prodigon/testing';

const REDIS = { names: ['redis-server'], debianPackage: 'redis-server' };

/** Starts a temporary Redis with an append-only file. `fsync` is its flush policy. */
export async function startTemporaryRedis(fsync: 'everysec' | 'always'): Promise<{ url: string; stop(): Promise<void> }> {
  ensureProgram(REDIS);
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-redis-'));
  const port = await freePort();
  const settings = { port, bind: '127.0.0.1', dir: directory, appendonly: 'yes', appendfsync: fsync, save: '' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(requireProgram(REDIS), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const text of child.stdout.setEncoding('utf8')) if (String(text).includes('Ready to accept connections')) break;
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
