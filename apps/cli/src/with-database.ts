import {
  explainDatabaseError,
  findStacks,
  loadStackSettings,
  type OpenDatabase,
  openDatabase,
  StackError,
} from '@prodigon/stack';
import type { CommandContext } from './command.ts';
import { onInterruption } from './interrupt-signal.ts';

const INTERRUPTED_EXIT_CODE = 130;

export interface DatabaseTaskContext {
  readonly database: OpenDatabase;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface DatabaseTaskOptions {
  /** Whether to throw while the platform runs, because the task changes data that running services use. */
  readonly requiresStopped: boolean;
}

/**
 * Runs a command on the platform's database, and starts and stops the database unless it runs already. Returns the exit
 * code of the command, or 130 after an interruption.
 */
export async function withDatabase(
  context: CommandContext,
  { requiresStopped }: DatabaseTaskOptions,
  task: (context: DatabaseTaskContext) => Promise<number>,
): Promise<number> {
  const settings = loadStackSettings(context);
  const running = findStacks(settings.dataDirectory).find(({ phase }) => phase === 'running');
  if (requiresStopped && running) {
    throw new StackError(`Prodigon is running (pid ${running.state.supervisor.pid}). Stop it first: ./prodigon stop`);
  }
  const abort = new AbortController();
  let database: OpenDatabase | null = null;
  const removeListeners = onInterruption((times) => {
    abort.abort();
    if (times === 1) return;
    database?.kill();
    process.exit(INTERRUPTED_EXIT_CODE);
  });
  try {
    database = await openDatabase(settings, ({ message }) => void context.stderr.write(`${message}\n`));
    abort.signal.throwIfAborted();
    return await task({ database, signal: abort.signal });
  } catch (error) {
    if (abort.signal.aborted) return INTERRUPTED_EXIT_CODE;
    throw explainDatabaseError(error);
  } finally {
    await database?.close();
    removeListeners();
  }
}
