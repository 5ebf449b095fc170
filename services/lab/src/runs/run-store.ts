import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivityStatus } from '@prodigon/contracts/workshop';
import type { z } from 'zod';

interface StoredRun {
  readonly id: string;
  readonly status: ActivityStatus;
  readonly problem: string | null;
  readonly created_at: string;
  readonly completed_at: string | null;
}

/** The runs in one folder, one file each. A run that has ended does not change. */
export interface RunStore<Run extends StoredRun> {
  find(id: string): Run | undefined;
  /** Returns the runs, newest first. */
  list(): readonly Run[];
  /** Writes the run as a whole. It is on the disk when this returns. When it throws, the run is only in memory. */
  save(run: Run): void;
}

export interface RunStoreOptions<Run extends StoredRun> {
  readonly directory: string;
  readonly schema: z.ZodType<Run>;
  readonly now: () => Date;
  /** Called with a sentence about each file that is not a run. */
  readonly onProblem: (message: string) => void;
  /** Returns what changes in a run that had not ended, besides its status. */
  readonly interrupt?: (run: Run) => Partial<Run>;
  /** Called after such a run is stored. */
  readonly onInterrupted?: (run: Run) => void;
}

const INTERRUPTED = 'The lab service stopped before the run ended.';

/** Opens a folder of runs. Marks runs that had not ended as failed, because their processes no longer exist. */
export function createRunStore<Run extends StoredRun>(options: RunStoreOptions<Run>): RunStore<Run> {
  const { directory, schema, now, onProblem, interrupt, onInterrupted } = options;
  const runs = new Map<string, Run>();

  function save(run: Run): void {
    runs.set(run.id, run);
    const path = join(directory, `${run.id}.json`);
    const draft = `${path}.draft`;
    const file = openSync(draft, 'w', 0o644);
    try {
      writeSync(file, `${JSON.stringify(run, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  }

  function load(name: string): void {
    try {
      const run = schema.parse(JSON.parse(readFileSync(join(directory, name), 'utf8')));
      if (name !== `${run.id}.json`) throw new Error('Its name is not its id.');
      runs.set(run.id, run);
    } catch {
      onProblem(`The lab service skips the file ${join(directory, name)}, because it is not a run.`);
    }
  }

  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.draft')) rmSync(join(directory, name), { force: true, recursive: true });
    else if (name.endsWith('.json')) load(name);
  }
  for (const run of [...runs.values()]) {
    if (run.status !== 'queued' && run.status !== 'running') continue;
    const ended: Run = { ...run, status: 'failed', problem: INTERRUPTED, completed_at: now().toISOString(), ...interrupt?.(run) };
    save(ended);
    onInterrupted?.(ended);
  }

  return {
    find: (id) => runs.get(id),
    list: () => [...runs.values()].sort((one, other) => other.created_at.localeCompare(one.created_at)),
    save,
  };
}
