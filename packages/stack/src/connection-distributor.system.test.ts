import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ConnectionDistributor, createConnectionDistributor } from './connection-distributor.ts';

const HANDOFF = import.meta.resolve('@prodigon/platform/connection-handoff');
const WAIT = { timeout: 60_000, interval: 10 };
const ADDRESS = { host: '127.0.0.1', hostVariable: 'HOST', port: 0, portVariable: 'GATEWAY_PORT' };

/** Responds with its pid. `/hold` never ends. `SIGUSR2` detaches it. */
const SERVER = `
import { createServer } from 'node:http';
import { receiveConnections } from ${JSON.stringify(HANDOFF)};
const server = createServer((request, response) => {
  response.write(String(process.pid));
  if (request.url !== '/hold') response.end();
});
const handoff = receiveConnections(server);
process.on('SIGUSR2', () => handoff.detach().then(() => process.send({ type: 'has_detached' })));
process.send({ type: 'ready' });
`;

const children: ChildProcess[] = [];
const agents: Agent[] = [];
let distributor: ConnectionDistributor;
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  distributor?.close();
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

/** Starts a process that serves connections. Resolves when it is ready. */
async function startServer(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVER], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  distributor.attach(child);
  await once(child, 'message');
  return child;
}

async function startServers(count: number): Promise<{ url: string; servers: ChildProcess[] }> {
  distributor = createConnectionDistributor();
  const url = await distributor.listen(ADDRESS);
  const servers: ChildProcess[] = [];
  for (let index = 0; index < count; index += 1) servers.push(await startServer());
  return { url, servers };
}

/** Sends a request on a new connection, which stays open. Resolves with the pid of the process that responds. */
function pidOver(url: string, agent = new Agent({ keepAlive: true })): Promise<number> {
  if (!agents.includes(agent)) agents.push(agent);
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      response.setEncoding('utf8').once('data', (text: string) => resolve(Number(text)));
      response.resume().on('error', () => {});
    })
      .on('error', reject)
      .end();
  });
}

const pidsOver = (url: string, count: number) => Promise.all(Array.from({ length: count }, () => pidOver(url)));
const countOf = (pids: readonly number[], { pid }: { pid?: number | undefined }) => pids.filter((each) => each === pid).length;

describe('a port that two processes share', () => {
  it('gives each process half of the connections', async () => {
    const { url, servers } = await startServers(2);
    const pids = await pidsOver(url, 20);
    expect(servers.map((server) => countOf(pids, server))).toEqual([10, 10]);
  });

  it('gives new connections to the process with the fewest open ones', async () => {
    const { url, servers } = await startServers(1);
    await pidsOver(url, 6);
    const other = await startServer();
    const pids = await pidsOver(url, 8);
    // Six equalize the numbers, and the last two alternate.
    expect([...servers, other].map((server) => countOf(pids, server))).toEqual([1, 7]);
  });

  it('notices closed connections', async () => {
    const { url, servers } = await startServers(2);
    const [emptied] = servers as [ChildProcess, ChildProcess];
    const opened = Array.from({ length: 6 }, () => new Agent({ keepAlive: true }));
    const pids = await Promise.all(opened.map((agent) => pidOver(url, agent)));
    for (const [index, agent] of opened.entries()) if (pids[index] === emptied.pid) agent.destroy();
    // The three connections of the other process remain open.
    await vi.waitFor(async () => {
      const probes = Array.from({ length: 3 }, () => new Agent({ keepAlive: true }));
      const later = await Promise.all(probes.map((agent) => pidOver(url, agent)));
      for (const agent of probes) agent.destroy();
      expect(new Set(later)).toEqual(new Set([emptied.pid]));
    }, WAIT);
  });

  it('stays open when one process dies, and uses the process that replaces it', async () => {
    const { url, servers } = await startServers(2);
    const [killed, other] = servers as [ChildProcess, ChildProcess];
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(new Set(await pidsOver(url, 4))).toEqual(new Set([other.pid]));
    const replacement = await startServer();
    expect(countOf(await pidsOver(url, 4), replacement)).toBe(4);
  });

  it('gives a connection that a killed process had not accepted to the other one', async () => {
    const { url, servers } = await startServers(2);
    const [suspended, other] = servers as [ChildProcess, ChildProcess];
    suspended.kill('SIGSTOP');
    let responseCount = 0;
    const responses = Array.from({ length: 6 }, () => pidOver(url).finally(() => (responseCount += 1)));
    await vi.waitFor(() => expect(responseCount).toBe(3), WAIT);
    suspended.kill('SIGKILL');
    expect(new Set(await Promise.all(responses))).toEqual(new Set([other.pid]));
  });

  it('keeps connections waiting while no process is ready', async () => {
    const { url } = await startServers(0);
    const responses = pidsOver(url, 5);
    const server = await startServer();
    expect(new Set(await responses)).toEqual(new Set([server.pid]));
  });

  it('gives a process that detaches no connections while another one is available', async () => {
    const { url, servers } = await startServers(2);
    const [detached, other] = servers as [ChildProcess, ChildProcess];
    await pidsOver(url, 4);
    const messages = on(detached, 'message');
    detached.kill('SIGUSR2');
    for await (const [{ type }] of messages) if (type === 'has_detached') break;
    expect(new Set(await pidsOver(url, 6))).toEqual(new Set([other.pid]));
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(new Set(await pidsOver(url, 2))).toEqual(new Set([detached.pid]));
  });
});

it('explains why it cannot open a port', async () => {
  const { url } = await startServers(0);
  const second = createConnectionDistributor();
  const address = { ...ADDRESS, port: Number(new URL(url).port) };
  await expect(second.listen(address)).rejects.toMatchObject({
    exitCode: 78,
    message: expect.stringMatching(/is taken by another program\. Stop it, or set GATEWAY_PORT to a free port\.$/),
  });
});
