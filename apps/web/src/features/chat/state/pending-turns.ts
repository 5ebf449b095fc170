import type { CreateTurn } from '@prodigon/contracts/conversations';
import type { Failure } from './chat-response.ts';
import type { AttachmentLabel } from './live-turn.ts';

/** A turn of this tab that has not started: after a reload, it is sent again with the same key. */
export interface PendingTurn {
  readonly key: string;
  /** `new` until the conversation has been created. */
  readonly conversationKey: string;
  readonly request: CreateTurn;
  readonly attachments: readonly AttachmentLabel[];
  /** Why the gateway rejected it. It is sent again only by the user. */
  readonly failure: Failure | null;
}

const STORAGE_KEY = 'prodigon.pending-turns';

export interface PendingTurns {
  all(): readonly PendingTurn[];
  save(turn: PendingTurn): void;
  remove(key: string): void;
}

/** Keeps the turns of this tab that have not started across a reload. */
export function createPendingTurns(storage: Pick<Storage, 'getItem' | 'setItem'>): PendingTurns {
  let turns: readonly PendingTurn[] = [];
  try {
    turns = JSON.parse(storage.getItem(STORAGE_KEY) ?? '[]') as PendingTurn[];
  } catch {
    // What was saved cannot be read.
  }
  const write = (next: readonly PendingTurn[]) => {
    turns = next;
    try {
      storage.setItem(STORAGE_KEY, JSON.stringify(turns));
    } catch {
      // Storage is blocked or full: a reload loses turns that have not started.
    }
  };
  return {
    all: () => turns,
    save: (turn) => write([...turns.filter(({ key }) => key !== turn.key), turn]),
    remove: (removed) => write(turns.filter(({ key }) => key !== removed)),
  };
}
