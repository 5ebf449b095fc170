import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { readRecordings } from './recordings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-recordings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const RUN = {
  ...{ id: '0190aaaa-0000-7000-8000-000000000000', lab: 'a-lab', task: '01', status: 'completed', queue_position: 0, seed: 1 },
  ...{ is_quick: false, workload: { id: 'small', label: 'Small', description: '' }, arms: [], metrics: [], prediction: null },
  progress: { phase: 'finished', arm: null, blocks_done: 0, blocks_total: 0, share: 1, seconds_left: 0 },
  ...{ points: [], estimates: [], verdict: null, problem: null },
  environment: { cpu: 'a CPU', cpus: 2, memory_mb: 1, os: '', node: '', prodigon: '' },
  ...{ created_at: '2026-11-29T12:00:00.000Z', started_at: null, completed_at: null },
};
const read = () => readRecordings(pathToFileURL(`${folder}/`));

it('reads the result files of a folder in the order of their names', () => {
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ ...RUN, seed: 2 }));
  writeFileSync(join(folder, 'a.json'), JSON.stringify(RUN));
  writeFileSync(join(folder, 'README.md'), 'text');
  expect(read()).toMatchObject([{ seed: 1 }, { seed: 2 }]);
});

it('finds no recordings in a folder that does not exist', () => {
  expect(readRecordings(pathToFileURL(`${folder}/none/`))).toEqual([]);
});

it('rejects a file that is no result', () => {
  writeFileSync(join(folder, 'a.json'), '{}');
  expect(read).toThrow();
});
