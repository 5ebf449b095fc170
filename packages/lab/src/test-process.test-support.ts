import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface TestProcess {
  readonly pid: number;
  /** What it said by `process.send` when it was ready. */
  readonly said: unknown;
  close(): Promise<void>;
}

/** A Node process that runs this source; resolves when it has said something. */
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
  const [said] = await Promise.race([once(child, 'message'), ended.then(() => Promise.reject(new Error('It has ended.')))]);
  return {
    pid: child.pid ?? -1,
    said,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Says the port of a server that answers everything with `hello`. */
export const HELLO_SERVER = `
import { createServer } from 'node:http';
const server = createServer((_request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => process.send(server.address().port));`;
