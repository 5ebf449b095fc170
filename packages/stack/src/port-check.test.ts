import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assertPortFree, explainPortError, findFreePort } from './port-check.ts';

const addressOf = (port: number, host = '127.0.0.1') => ({ host, hostVariable: 'HOST', port, portVariable: 'GATEWAY_PORT' });

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

it('explains the option that determines a port', () => {
  expect(explainPortError('EADDRINUSE', { ...addressOf(8101), portOption: '--replicas' })).toBe(
    'Port 8101 of --replicas cannot be used (EADDRINUSE). Choose another one.',
  );
});

describe('assertPortFree', () => {
  it('accepts a free port and leaves it free', async () => {
    const { server, port } = await listen();
    server.close();
    await once(server, 'close');
    await assertPortFree(addressOf(port));
    await assertPortFree(addressOf(port));
  });

  it('rejects a port that another program listens on', async () => {
    const { port } = await listen();
    await expect(assertPortFree(addressOf(port))).rejects.toMatchObject({
      exitCode: 78,
      message: `Port ${port} is taken by another program. Stop it, or set GATEWAY_PORT to a free port.`,
    });
  });

  it('accepts port 0 without a check, even on an address of another machine', async () => {
    await assertPortFree(addressOf(0, '192.0.2.1'));
  });

  it('rejects an address of another machine', async () => {
    await expect(assertPortFree(addressOf(8_000, '192.0.2.1'))).rejects.toMatchObject({
      exitCode: 78,
      message: 'HOST is 192.0.2.1, which is not an address of this machine.',
    });
  });
});

describe('explainPortError', () => {
  it.each([
    ['EADDRINUSE', 'Port 80 is taken by another program. Stop it, or set GATEWAY_PORT to a free port.'],
    ['EACCES', 'This user may not listen on port 80. Set GATEWAY_PORT to a port above 1023.'],
    ['EADDRNOTAVAIL', 'HOST is gateway.local, which is not an address of this machine.'],
    ['ENOTFOUND', 'HOST is gateway.local, which is not an address of this machine.'],
    ['EAI_AGAIN', 'HOST is gateway.local, which is not an address of this machine.'],
    ['EMFILE', 'Prodigon cannot listen on gateway.local, port 80 (EMFILE). Check HOST and GATEWAY_PORT.'],
  ])('explains %s', (code, message) => {
    expect(explainPortError(code, addressOf(80, 'gateway.local'))).toBe(message);
  });
});

describe('findFreePort', () => {
  it('returns a free port unchanged, and a later one instead of a port in use', async () => {
    const { server, port } = await listen();
    expect(await findFreePort(addressOf(port))).toBeGreaterThan(port);
    server.close();
    await once(server, 'close');
    expect(await findFreePort(addressOf(port))).toBe(port);
  });

  it('returns any free port for port 0', async () => {
    expect(await findFreePort(addressOf(0))).toBeGreaterThan(1_023);
  });

  it('rejects an address of another machine', async () => {
    await expect(findFreePort(addressOf(8003, '192.0.2.1'))).rejects.toMatchObject({ exitCode: 78 });
  });
});
