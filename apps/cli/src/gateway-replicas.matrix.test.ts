import { Agent, request } from 'node:http';
import { createApiClient } from '@prodigon/api-client';
import { copyClusterTemplate, matrixOf } from '@prodigon/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCliFixture, WAIT } from './run-prodigon.test-support.ts';
import { type Platform, pidOf, processesOf, startPlatform } from './running-platform.test-support.ts';

const gatewaysOf = (platform: Platform) => processesOf(platform).filter(({ service }) => service === 'gateway');

/** Sends a request on a new connection that stays open. Resolves with the pid of the gateway, from its body. */
function readPid(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const read = request(`${url}/health`, { agent }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(JSON.parse(text).pid);
    });
    read.on('error', reject).end();
  });
}

/** Opens `count` connections, and returns how many reached each gateway. */
async function countConnections(platform: Platform, count: number): Promise<number[]> {
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive: true }));
  const pids = await Promise.all(agents.map((agent) => readPid(platform.url, agent)));
  for (const agent of agents) agent.destroy();
  return gatewaysOf(platform).map(({ process }) => pids.filter((pid) => pid === process?.pid).length);
}

// Each test continues with the platform of the one before.
describe.each(matrixOf(['a platform with two replicas of each service'], () => true))('%s', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform('--replicas', 'gateway=2,model=2,worker=2');
  });
  afterAll(() => platform?.close());

  it('serves one port with both, and shows each in the start message, in the status and in the health', async () => {
    const { command, run, url } = platform;
    const [first, second] = gatewaysOf(platform);
    expect(new Set([url, first?.url, second?.url]).size).toBe(3);
    expect(command.stdout()).toMatch(/gateway 1 +http:\/\/127\.0\.0\.1:\d+"[^\n]*\n[^\n]*"gateway 2 +http:\/\/127\.0\.0\.1:\d+"/);
    const status = await run('status');
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining(`runs at ${url}, pid ${command.child.pid}`) });
    expect(status.stdout).toMatch(/^ +gateway 1 +\d+.*\n +gateway 2 +\d+/m);
    await vi.waitFor(async () => {
      expect(await run('health')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^ +gateway 1 +up.*\n +gateway 2 +up/m),
      });
    }, WAIT);
    await vi.waitFor(async () => expect(await countConnections(platform, 10)).toEqual([5, 5]), WAIT);
  });

  it('serves health and metrics of each gateway at its own address', async () => {
    for (const { url, process } of gatewaysOf(platform)) {
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ service: 'gateway', pid: process?.pid });
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('http_requests_total{service="gateway"');
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    }
  });

  it('keeps the port open when one gateway is killed, and restarts it alone', async () => {
    const { url, command } = platform;
    const [first, second] = [pidOf(platform, 'gateway 1'), pidOf(platform, 'gateway 2')];
    process.kill(first, 'SIGKILL');
    // It can accept a connection until it has ended.
    await vi.waitFor(() => expect(() => process.kill(first, 0)).toThrow(), WAIT);
    // No connection is refused or reset: each one reaches the other gateway.
    let restarted = false;
    const seen = new Set<number>();
    const isRestarted = vi.waitFor(() => expect(command.stderr()).toContain('gateway 1 is ready again.'), WAIT);
    isRestarted.finally(() => (restarted = true)).catch(() => {});
    while (!restarted)
      seen.add(((await (await fetch(`${url}/health`, { headers: { connection: 'close' } })).json()) as { pid: number }).pid);
    await isRestarted;
    expect(seen).toContain(second);
    expect(seen).not.toContain(first);
    expect(pidOf(platform, 'gateway 2')).toBe(second);
    expect((await platform.run('status')).stdout).toMatch(/^ +gateway 1 .*restarted once/m);
    await vi.waitFor(async () => expect(await countConnections(platform, 10)).toEqual([5, 5]), WAIT);
  });

  it('completes open streams before it stops, on both gateways', async () => {
    const { url, command, run } = platform;
    await vi.waitFor(async () => expect((await run('status')).code).toBe(0), WAIT);
    const responses = await Promise.all(
      Array.from({ length: 4 }, () =>
        fetch(`${url}/api/v1/generate/stream`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens_per_s=40&tokens=40' }),
        }),
      ),
    );
    const texts = responses.map((response) => response.text());
    expect((await run('stop')).code).toBe(0);
    for (const text of await Promise.all(texts)) expect(text.trimEnd()).toMatch(/data: \[DONE\]$/);
    expect((await command.ended).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe.each(matrixOf(['a rolling restart'], () => false))('%s', () => {
  it('fails no request of keep-alive clients while each gateway drains and restarts in turn', async () => {
    const fixture = createCliFixture({ DRAIN_NOTICE_MS: '2000' });
    await copyClusterTemplate(fixture.env.DATA_DIR);
    onTestFinished(() => fixture.close());
    const { url, command } = await fixture.start('--replicas', 'gateway=2');
    const api = createApiClient({ baseUrl: url });
    const failures: unknown[] = [];
    let responses = 0;
    let isDone = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!isDone) {
        await api.generate({ prompt: 'Hi', model: 'prodigon-sim?ttft_ms=5&tokens=1' }).then(
          () => (responses += 1),
          (error: unknown) => failures.push(error),
        );
      }
    });
    for (const title of ['gateway 1', 'gateway 2']) {
      const before = responses;
      await vi.waitFor(() => expect(responses).toBeGreaterThan(before + 50), WAIT);
      process.kill(pidOf(fixture, title), 'SIGTERM');
      await vi.waitFor(() => expect(command.stderr()).toContain(`${title} is ready again.`), WAIT);
    }
    isDone = true;
    await Promise.all(clients);
    expect(failures).toEqual([]);
  });
});
