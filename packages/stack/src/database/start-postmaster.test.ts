import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort, findLastError, postgresArguments } from './start-postmaster.ts';

async function listen(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('findFreePort', () => {
  it('returns the preferred port when it is free, and leaves it free', async () => {
    const port = await findFreePort();
    expect(port).toBeGreaterThan(0);
    expect(await findFreePort(port)).toBe(port);
    expect(await findFreePort(port)).toBe(port);
  });

  it('returns another port when the preferred one is taken', async () => {
    const taken = await listen();
    const port = await findFreePort(taken);
    expect(port).toBeGreaterThan(0);
    expect(port).not.toBe(taken);
  });
});

describe('postgresArguments', () => {
  it('names the data folder and the port', () => {
    expect(postgresArguments('/data', { port: 5433 }).slice(0, 4)).toEqual(['-D', '/data', '-p', '5433']);
  });

  it('passes each setting after -c and listens on loopback only', () => {
    const settings = postgresArguments('/data', { port: 1 }).slice(4);
    expect(settings.filter((_flag, index) => index % 2 === 0)).toEqual(Array(settings.length / 2).fill('-c'));
    expect(settings).toEqual(expect.arrayContaining(['listen_addresses=127.0.0.1', 'unix_socket_directories=']));
  });

  it('lets settings override the defaults', () => {
    const flags = postgresArguments('/data', { port: 1, settings: { max_connections: '7', fsync: 'off' } });
    expect(flags).toEqual(expect.arrayContaining(['max_connections=7', 'fsync=off']));
    expect(flags.filter((flag) => flag.startsWith('max_connections='))).toHaveLength(1);
  });
});

describe('findLastError', () => {
  it('returns the last error without the prefix of the log', () => {
    const log =
      '2026-03-02 UTC [7] FATAL:  first\n2026-03-02 UTC [7] PANIC:  could not write\n2026-03-02 UTC [7] LOG:  shut down\n';
    expect(findLastError(log)).toBe('could not write');
    expect(findLastError('postgres: error: no such folder\nhint\n')).toBe('postgres: error: no such folder');
  });

  it('returns the last line when there is no error', () => {
    expect(findLastError('starting\nstopped\n\n')).toBe('stopped');
    expect(findLastError('')).toBe('');
  });

  it('ignores errors before the last twenty lines, which belong to an earlier start', () => {
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `LOG: line ${index}\n`).join('');
    expect(findLastError(`FATAL:  old\n${lines(19)}`)).toBe('old');
    expect(findLastError(`FATAL:  old\n${lines(20)}`)).toBe('LOG: line 19');
  });
});
