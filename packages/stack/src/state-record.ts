import { isAlive } from './process-identity.ts';
import type { StandaloneService } from './process-plan.ts';
import { StackError } from './stack-error.ts';
import { claimState, readState, removeState, type StackState, writeState } from './state-file.ts';

export interface StateRecordOptions {
  readonly dataDirectory: string;
  readonly only: StandaloneService | undefined;
  readonly currentState: () => StackState;
  /** Called with the reason when an update cannot be written. */
  readonly onUnrecorded: (message: string) => void;
}

/** The state file of one stack, which holds the data folder from its claim to its removal. */
export interface StateRecord {
  /** Returns the state that a dead supervisor has left; null when there is none. Throws a `StackError` when the stack already runs. */
  findLeftover(): StackState | null;
  /** Creates the file, which may replace a leftover. Throws a `StackError` when a concurrent start was faster. */
  claim(leftover: StackState | null): void;
  /** Writes the current state. Does nothing before the claim and after the removal. Never throws. */
  update(): void;
  /** Removes the file of this stack. Does nothing before the claim. */
  remove(): void;
}

export function createStateRecord({ dataDirectory, only, currentState, onUnrecorded }: StateRecordOptions): StateRecord {
  let isClaimed = false;
  return {
    findLeftover() {
      const found = readState(dataDirectory, only);
      if (found && isAlive(found.supervisor)) throw alreadyRunning(found);
      return found;
    },
    claim(leftover) {
      isClaimed = claimState(dataDirectory, currentState(), leftover);
      if (!isClaimed) throw alreadyRunning(readState(dataDirectory, only));
    },
    update() {
      if (!isClaimed) return;
      try {
        writeState(dataDirectory, currentState());
      } catch (error) {
        // A full disk must not end the platform.
        onUnrecorded(error instanceof Error ? error.message : String(error));
      }
    },
    remove() {
      if (isClaimed) removeState(dataDirectory, only);
      isClaimed = false;
    },
  };
}

function alreadyRunning(state: StackState | null): StackError {
  const where = state ? ` ${state.url ? `at ${state.url} ` : ''}(pid ${state.supervisor.pid})` : '';
  return new StackError(`Prodigon already runs${where}. Stop it with: ./prodigon stop`);
}
