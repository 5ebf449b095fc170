import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { describeMachine, quantile, sampleProcesses } from '@prodigon/lab';
import { reservePort } from '@prodigon/testing';
import type { PartOptions } from '../common/part-options.ts';
import { writeResult } from '../common/write-result.ts';

const VARIANTS = ['one process', 'handoff', 'SO_REUSEPORT', 'cluster shared socket', 'cluster round-robin'] as const;
const ROUNDS = 5;
const KEPT_REQUESTS = 20_000;
const NEW_CONNECTIONS = 4_000;
const LOST_CONNECTIONS = 100;
const LOST_AFTER_MS = 10_000;

type Figures = Record<'busiest_of_8' | 'busiest_of_64' | 'cpu_us_kept' | 'cpu_us_new' | 'lost', number>;

/** Compares ways to share a port between two processes, in interleaved rounds. */
export async function runSharedPort({ isQuick, signal }: PartOptions): Promise<void> {
  const machine = describeMachine();
  const rounds = isQuick ? 1 : ROUNDS;
  const rows: { variant: string; figures: Figures }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index] of VARIANTS.entries()) {
      signal.throwIfAborted();
      const variant = VARIANTS[(index + round) % VARIANTS.length] ?? 'one process';
      rows.push({ variant, figures: await measure(variant) });
    }
  }
  const variants = VARIANTS.map((variant) => {
    const own = rows.filter((row) => row.variant === variant).map(({ figures }) => figures);
    const names = Object.keys(own[0] ?? {}) as (keyof Figures)[];
    return { variant, ...Object.fromEntries(names.map((name) => [name, summarize(own.map((figures) => figures[name]))])) };
  });
  console.table(variants);
  if (!isQuick) writeResult('shared-port', { ...machine, rounds, variants });
}

const summarize = (values: readonly number[]) =>
  `${format(quantile(values, 0.5))} (${format(quantile(values, 0))} to ${format(quantile(values, 1))})`;
const format = (value: number) => String(Number(value.toPrecision(3)));

async function measure(variant: string): Promise<Figures> {
  const port = await reservePort();
  const count = variant === 'one process' ? 1 : 2;
  const supervisor = spawn(process.execPath, [join(import.meta.dirname, 'supervisor.ts'), variant, String(count), String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(supervisor.stdout, 'data');
    const pids = [supervisor.pid ?? 0, ...(JSON.parse(String(line)) as number[])];
    const cpuOf = async (work: () => Promise<unknown>, requests: number) => {
      const before = sampleProcesses(pids).cpuSeconds;
      await work();
      return ((sampleProcesses(pids).cpuSeconds - before) * 1_000_000) / requests;
    };
    const kept = () => sendKept(port, KEPT_REQUESTS);
    const fresh = () => sendOnNewConnections(port, NEW_CONNECTIONS);
    await kept();
    await fresh();
    return {
      busiest_of_8: await busiestShare(port, 8),
      busiest_of_64: await busiestShare(port, 64),
      cpu_us_kept: await cpuOf(kept, KEPT_REQUESTS),
      cpu_us_new: await cpuOf(fresh, NEW_CONNECTIONS),
      lost: await countLost(port),
    };
  } finally {
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
  }
}

function send(port: number, agent: Agent, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', agent, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('The request got no response.')));
    outgoing.on('error', reject).end();
  });
}

async function repeat(clients: number, count: number, work: (client: number) => Promise<unknown>): Promise<void> {
  let left = count;
  const run = async (_: unknown, client: number) => {
    while (left > 0) {
      left -= 1;
      await work(client);
    }
  };
  await Promise.all(Array.from({ length: clients }, run));
}

/** Returns the share of the connections that the process with the most connections serves. */
async function busiestShare(port: number, count: number): Promise<number> {
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive: true }));
  const pids: string[] = [];
  // One after another: each process is idle when a connection arrives.
  for (const agent of agents) pids.push(await send(port, agent));
  for (const agent of agents) agent.destroy();
  const counts = Object.values(Object.groupBy(pids, (pid) => pid)).map((same) => same?.length ?? 0);
  return Math.max(...counts) / count;
}

async function sendKept(port: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  await repeat(64, count, () => send(port, agent));
  agent.destroy();
}

const sendOnNewConnections = (port: number, count: number) =>
  repeat(16, count, () => send(port, new Agent({ keepAlive: false })));

/**
 * Blocks a process for half a second and then kills it. Returns how many of the connections opened meanwhile get no response
 * within ten seconds.
 */
async function countLost(port: number): Promise<number> {
  const blocked = send(port, new Agent({ keepAlive: false }), '/block').catch(() => null);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const responses = Array.from({ length: LOST_CONNECTIONS }, () =>
    send(port, new Agent({ keepAlive: false, timeout: LOST_AFTER_MS })),
  );
  const results = await Promise.allSettled(responses);
  await blocked;
  return results.filter(({ status }) => status === 'rejected').length;
}
