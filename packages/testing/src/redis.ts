import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PROGRAMS, requireProgram } from './find-program.ts';
import { reservePort } from './reserve-port.ts';
import { scratchDirectory } from './shared-resources.ts';

export interface TestRedis {
  /** A value of `REDIS_URL`. Does not change when the server restarts. */
  readonly url: string;
  /** Sends a signal to the server. Resolves when a server that the signal ends has exited. */
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Kills the server if it runs and starts it again at the same URL. */
  restart(): Promise<void>;
  /** Deletes all keys. */
  flush(): Promise<void>;
  /** Runs a command without spaces in its arguments, e.g. `CONFIG SET maxmemory 2mb`. Returns the first line of the reply. */
  run(command: string): Promise<string>;
  /** Kills the server and deletes its files. */
  close(): Promise<void>;
}

export interface TestRedisOptions {
  /** Settings of `redis.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Kills Redis, also a suspended one, when this process exits, which closes the pipe between them. */
const SCRIPT = `
exec 3<&0
"$@" 3<&- & pid=$!
echo "pid=$pid"
{ read -r _ <&3; kill -KILL "$pid"; } & reader=$!
wait "$pid"
kill "$reader"`;
/** Nothing on disk. A setting overrides it, e.g. `appendonly`. */
const IN_MEMORY = { save: '', appendonly: 'no' };

/** Starts a Redis server for one test file. */
export async function startTestRedis({ settings = {} }: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = mkdtempSync(join(scratchDirectory(), 'redis-'));
  const port = await reservePort();
  const all = { bind: '127.0.0.1', port: String(port), dir: folder, ...IN_MEMORY, ...settings };
  const parameters = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  const password = settings.requirepass;
  let server = await startServer(parameters);

  async function kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    if (server.child.exitCode !== null) return;
    process.kill(server.pid, signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await server.exited;
  }
  const run = (command: string) => sendCommand(port, password === undefined ? [command] : [`AUTH ${password}`, command]);
  return {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    kill,
    run,
    async restart() {
      await kill('SIGKILL');
      server = await startServer(parameters);
    },
    async flush() {
      await run('FLUSHALL');
    },
    async close() {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<unknown>;
}

async function startServer(parameters: readonly string[]): Promise<Server> {
  const program = [requireProgram(PROGRAMS.redis), ...parameters];
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...program], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      if (output.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`Redis did not start:\n${output}`)));
  });
  return { child, pid: Number(/^pid=(\d+)$/m.exec(output)?.[1]), exited };
}

/** Sends commands in Redis' format for telnet. Returns the first line of the last reply; throws it when it is an error. */
function sendCommand(port: number, commands: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let replies = '';
    const socket = connect(port, '127.0.0.1', () => socket.end([...commands, 'QUIT', ''].join('\r\n')));
    socket.setEncoding('utf8').on('data', (part: string) => (replies += part));
    socket.once('error', reject).once('close', () => {
      const reply = replies.split('\r\n').at(commands.length - 1) ?? '';
      if (reply.startsWith('-')) reject(new Error(`Redis rejected ${commands.at(-1)}: ${reply}`));
      else resolve(reply);
    });
  });
}
