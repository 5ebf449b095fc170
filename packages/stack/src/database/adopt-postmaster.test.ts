import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ProcessIdentity } from '../process-identity.ts';
import { adoptPostmaster } from './adopt-postmaster.ts';
import { type FakeResult, startFakePostgres } from './fake-postgres.test-support.ts';
import type { FoundPostmaster } from './postmaster-file.ts';

/** The wait for the exit of a process that runs would continue in the timers of the next test file. */
const ENDED: ProcessIdentity = { pid: process.pid, started: 'another boot 1' };

let parent: string;
let folder: string;
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'prodigon-adopt-')));
  folder = join(parent, 'database');
  mkdirSync(folder);
  onTestFinished(() => rmSync(parent, { recursive: true }));
});

/** Adopts the servers that are found one after another, whose queries have this result. */
async function adopt(result: FakeResult, ...found: (Partial<FoundPostmaster> | null)[]) {
  const { url, queries } = await startFakePostgres(() => result);
  const port = Number(new URL(url).port);
  const servers = found.map((each) => each && { identity: ENDED, port, isReady: true, ...each });
  const find = vi.fn(() => (servers.length > 1 ? servers.shift() : servers[0]) ?? null);
  const record = { folder, port: 1, user: 'prodigon', password: 'secret', database: 'prodigon' };
  return { adopted: adoptPostmaster(record, find), find, queries, port };
}
const serverOf = (path: string): FakeResult => ({ rows: [{ folder: path }] });

describe('adoptPostmaster', () => {
  it('returns null when no server runs on the folder', async () => {
    const { adopted, find, queries } = await adopt(serverOf(folder), null);
    expect(await adopted).toBeNull();
    expect([find.mock.calls, queries]).toEqual([[[folder]], []]);
  });

  it('returns the server of the folder when it accepts connections', async () => {
    const { adopted, port, queries } = await adopt(serverOf(folder), {});
    expect(await adopted).toMatchObject({ port, identity: ENDED });
    expect(queries).toEqual(["postgres: SELECT current_setting('data_directory') AS folder"]);
  });

  it('accepts another path to the same folder', async () => {
    const alias = join(parent, 'alias');
    symlinkSync(folder, alias);
    const { adopted, port } = await adopt(serverOf(alias), {});
    expect(await adopted).toMatchObject({ port });
  });

  it('waits until the server is ready', async () => {
    const { adopted, find, queries } = await adopt(serverOf(folder), { isReady: false }, { isReady: false }, {});
    expect(await adopted).not.toBeNull();
    expect([find.mock.calls.length, queries.length]).toEqual([3, 1]);
  });

  it('waits for a server that does not accept connections yet, and gives up when it ends', async () => {
    const { adopted, find } = await adopt({ error: '57P03' }, {}, null);
    expect(await adopted).toBeNull();
    expect(find).toHaveBeenCalledTimes(2);
  });

  it.each(['28P01', '28000'])('rejects a server that rejects the recorded password (%s)', async (error) => {
    const { adopted } = await adopt({ error }, {});
    await expect(adopted).rejects.toMatchObject({
      exitCode: 78,
      message: `A database server (pid ${process.pid}) runs on ${folder}, but rejects the recorded password. Stop it, or set DATA_DIR to another folder.`,
    });
  });

  it('rejects when another server listens on the port', async () => {
    const { adopted } = await adopt(serverOf(parent), {});
    await expect(adopted).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(`runs on ${folder}, but another server listens on its port.`),
    });
  });

  it('reports the exit of the adopted server', async () => {
    const { adopted } = await adopt(serverOf(folder), {});
    expect(await (await adopted)?.ended).toBe('process exited');
  });
});
