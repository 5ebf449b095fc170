import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { sweepLabFolders } from './sweep-lab-folders.ts';

const [RUNNING, ENDED] = [4_711, 4_712];

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'prodigon-sweep-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
});

const sweep = () => sweepLabFolders({ parent, isRunning: (pid) => pid === RUNNING });

function makeFolder(name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'output.log'), 'text');
  return folder;
}

/** Writes the state of a platform whose supervisor has ended, whatever process has its pid now. */
function writeState(folder: string, pid: number): void {
  const state = {
    ...{ version: '0', topology: 'services', started_at: new Date().toISOString(), supervisor: { pid, started: 'long ago' } },
    ...{ only: null, url: null, processes: [] },
  };
  writeFileSync(join(folder, 'stack.json'), JSON.stringify(state));
}

it('removes the folders of processes that have ended', async () => {
  const folder = makeFolder(`prodigon-lab-${ENDED}-a`);
  expect(await sweep()).toEqual([folder]);
  expect(existsSync(folder)).toBe(false);
});

it('keeps folders of running processes, and folders and links that it did not make', async () => {
  const folders = [makeFolder(`prodigon-lab-${RUNNING}-a`), makeFolder('prodigon-lab-a'), makeFolder('other')];
  const link = join(parent, `prodigon-lab-${ENDED}-link`);
  symlinkSync(makeFolder('target'), link);
  expect(await sweep()).toEqual([]);
  expect([...folders, link].map((path) => existsSync(path))).toEqual(Array(4).fill(true));
});

it('removes the folder of a platform whose supervisor has ended, although another process has its pid', async () => {
  const folder = makeFolder(`prodigon-lab-${RUNNING}-a`);
  writeState(folder, process.pid);
  expect(await sweep()).toEqual([folder]);
});
