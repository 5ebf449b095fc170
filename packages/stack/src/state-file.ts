import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataDirectory, EXIT_CONFIGURATION, readTextFile } from '@prodigon/platform/configuration';
import { z } from 'zod';
import { createFromDraft } from './exclusive-file.ts';
import { SERVICES, type StandaloneService } from './process-plan.ts';
import { StackError } from './stack-error.ts';

const identitySchema = z.object({ pid: z.int().positive(), started: z.string() });

export const stackStateSchema = z.object({
  version: z.string(),
  topology: z.enum(['services', 'monolith']),
  started_at: z.iso.datetime(),
  supervisor: identitySchema,
  /** The standalone service; null for the whole platform. */
  only: z.enum(SERVICES).nullable().default(null),
  /** The URL of the gateway or of the standalone service; null until it listens. */
  url: z.string().nullable(),
  processes: z.array(
    z.object({
      service: z.enum(['gateway', 'model', 'worker', 'monolith', 'lab', 'database']),
      title: z.string(),
      /** Null while the supervisor waits to restart it. */
      process: identitySchema.nullable(),
      url: z.string().nullable(),
      restarts: z.int(),
    }),
  ),
});
/** The recorded state of a running stack, for `status`, `stop` and the next start after a crash. */
export type StackState = z.infer<typeof stackStateSchema>;

export const stateFilePath = (dataDirectory: string, only?: StandaloneService | null) =>
  join(dataDirectory, only ? `stack-${only}.json` : 'stack.json');

/** Returns the recorded state; null when the file is missing or invalid. */
export function readState(dataDirectory: string, only?: StandaloneService | null): StackState | null {
  try {
    return stackStateSchema.parse(JSON.parse(readTextFile(stateFilePath(dataDirectory, only))));
  } catch {
    return null;
  }
}

/**
 * Creates the state file, which claims the data folder for this supervisor. It may replace `stale`, the state of a dead
 * supervisor. Returns false when a concurrent start was faster. Throws a `StackError` when the folder is not writable.
 */
export function claimState(dataDirectory: string, state: StackState, stale: StackState | null): boolean {
  const path = stateFilePath(dataDirectory, state.only);
  return withWriteErrors(dataDirectory, () => {
    if (isSameStack(readState(dataDirectory, state.only), stale)) rmSync(path, { force: true });
    return createFromDraft(writeDraft(path, state), path);
  });
}

/** Replaces the state atomically. */
export function writeState(dataDirectory: string, state: StackState): void {
  const path = stateFilePath(dataDirectory, state.only);
  withWriteErrors(dataDirectory, () => renameSync(writeDraft(path, state), path));
}

export function removeState(dataDirectory: string, only?: StandaloneService | null): void {
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

/** Converts the errors of `write` into a `StackError` (78). */
function withWriteErrors<Result>(dataDirectory: string, write: () => Result): Result {
  try {
    createDataDirectory(dataDirectory);
    return write();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StackError(`DATA_DIR cannot be written: ${dataDirectory} (${code}).`, EXIT_CONFIGURATION, { cause });
  }
}
