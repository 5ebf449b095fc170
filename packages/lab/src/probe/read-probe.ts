import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ProbeQuestion, ProbeReport } from './probe-report.ts';

/**
 * Asks a process that was started by `withProbe` how it is; waits as long as its event loop is busy. Rejects when it
 * has no probe or has ended.
 */
export async function readProbe(
  directory: string,
  pid: number,
  { collectGarbage = true }: Partial<ProbeQuestion> = {},
): Promise<ProbeReport> {
  const socket = createConnection(join(directory, `${pid}.sock`));
  const question: ProbeQuestion = { collectGarbage };
  socket.write(`${JSON.stringify(question)}\n`);
  try {
    return JSON.parse(await text(socket)) as ProbeReport;
  } catch (cause) {
    throw new Error(`Process ${pid} does not answer the lab.`, { cause });
  }
}
