import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from '@prodigon/stack/process-identity';
import { z } from 'zod';

const identitySchema = z.object({ pid: z.int().positive(), started: z.string() });

/** Records each running runner process in a file, so that the next lab service finds processes that outlive this one. */
export interface RunnerRecord {
  write(pid: number): void;
  remove(pid: number): void;
  /** Kills the recorded processes with their groups. Returns the number of recorded processes and the pids of those that were alive. */
  killLeftovers(): { readonly recorded: number; readonly killed: readonly number[] };
}

const FILE_NAME = /^\.runner-\d+\.json$/;

export function createRunnerRecord({ directory }: { directory: string }): RunnerRecord {
  const pathOf = (pid: number) => join(directory, `.runner-${pid}.json`);
  return {
    write(pid) {
      const identity = identifyProcess(pid);
      if (identity) writeFileSync(pathOf(pid), JSON.stringify(identity));
    },
    remove: (pid) => rmSync(pathOf(pid), { force: true }),
    killLeftovers() {
      const paths = readdirSync(directory)
        .filter((name) => FILE_NAME.test(name))
        .map((name) => join(directory, name));
      const alive = paths.flatMap((path) => readIdentity(path) ?? []).filter(isAlive);
      for (const { pid } of alive) killGroup(pid);
      for (const path of paths) rmSync(path, { force: true });
      return { recorded: paths.length, killed: alive.map(({ pid }) => pid) };
    },
  };
}

function readIdentity(path: string): ProcessIdentity | null {
  try {
    return identitySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Kills the process group that this process leads. Does nothing when the group is empty. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
