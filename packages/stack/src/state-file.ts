import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory, EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { z } from 'zod';
import { type LoneService, SERVICES } from './process-plan.ts';
import { StackError } from './stack-error.ts';

const identitySchema = z.object({ pid: z.int().positive(), started: z.string() });

export const stackStateSchema = z.object({
  version: z.string(),
  topology: z.enum(['services', 'monolith']),
  started_at: z.iso.datetime(),
  supervisor: identitySchema,
  /** The service that runs alone; null when it is the whole platform. */
  only: z.enum(SERVICES).nullable().default(null),
  /** Of the gateway, or of the service that runs alone; null until it listens. */
  url: z.string().nullable(),
  processes: z.array(
    z.object({
      service: z.enum(['gateway', 'model', 'worker', 'monolith', 'database']),
      title: z.string(),
      /** Null while it waits to be started again. */
      process: identitySchema.nullable(),
      url: z.string().nullable(),
      restarts: z.int(),
    }),
  ),
});
/** What a running stack writes down about itself, for `status`, `stop` and the next start after a crash. */
export type StackState = z.infer<typeof stackStateSchema>;

export const stateFilePath = (dataDirectory: string, only?: LoneService | null) =>
  join(dataDirectory, only ? `stack-${only}.json` : 'stack.json');

/** Null when there is none, or none that we wrote. */
export function readState(dataDirectory: string, only?: LoneService | null): StackState | null {
  try {
    return stackStateSchema.parse(JSON.parse(readFileSync(stateFilePath(dataDirectory, only), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Makes the state file, and so the data folder, this supervisor's. Of two that start at the same time
 * one gets it. `stale` is what may be replaced: the state of a supervisor that is known to be dead.
 * False when another was faster. Throws a `StackError` when the folder cannot be written.
 */
export function claimState(dataDirectory: string, state: StackState, stale: StackState | null): boolean {
  const path = stateFilePath(dataDirectory, state.only);
  return writing(dataDirectory, () => {
    const draft = writeDraft(path, state);
    try {
      if (isSameStack(readState(dataDirectory, state.only), stale)) rmSync(path, { force: true });
      // Unlike a rename, a link never replaces a file that is there.
      linkSync(draft, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  });
}

/** Replaces the state at once: a reader sees the old one or the new one, never a part. */
export function writeState(dataDirectory: string, state: StackState): void {
  const path = stateFilePath(dataDirectory, state.only);
  writing(dataDirectory, () => renameSync(writeDraft(path, state), path));
}

export function removeState(dataDirectory: string, only?: LoneService | null): void {
  rmSync(stateFilePath(dataDirectory, only), { force: true });
}

function isSameStack(one: StackState | null, other: StackState | null): boolean {
  return one?.supervisor.pid === other?.supervisor.pid && one?.supervisor.started === other?.supervisor.started;
}

function writeDraft(path: string, state: StackState): string {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  return draft;
}

function writing<Result>(dataDirectory: string, write: () => Result): Result {
  try {
    createDataDirectory(dataDirectory);
    return write();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StackError(`DATA_DIR cannot be written: ${dataDirectory} (${code}).`, EXIT_CONFIGURATION, { cause });
  }
}
