import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ProbeReport, ProbeRequest } from './probe-report.ts';

/**
 * Returns the memory and event loop metrics of a process whose environment comes from `withProbe`. Waits while its event
 * loop is busy. Rejects when the process has no probe or has ended.
 */
export async function readProbe(
  directory: string,
  pid: number,
  { collectGarbage = true }: Partial<ProbeRequest> = {},
): Promise<ProbeReport> {
  const socket = createConnection(join(directory, `${pid}.sock`));
  const request: ProbeRequest = { collectGarbage };
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    return JSON.parse(await text(socket)) as ProbeReport;
  } catch (cause) {
    throw new Error(`The probe of process ${pid} does not respond.`, { cause });
  }
}
