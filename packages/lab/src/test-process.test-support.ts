import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface TestProcess {
  readonly pid: number;
  /** The first message that it sent by `process.send`. */
  readonly firstMessage: unknown;
  close(): Promise<void>;
}

/** Starts a Node process with this source. Resolves when it sends its first message. */
export async function startTestProcess(source: string, env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', `${source}\nprocess.on('disconnect', () => process.exit());`],
    {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const ended = once(child, 'exit');
  const [firstMessage] = await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('The process ended before its first message.'))),
  ]);
  return {
    pid: child.pid ?? -1,
    firstMessage,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A server that responds to every request with `hello`. Its first message is its port. */
export const HELLO_SERVER = `
import { createServer } from 'node:http';
const server = createServer((_request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => process.send(server.address().port));`;
