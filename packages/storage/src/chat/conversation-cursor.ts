import { AppError } from '@prodigon/contracts';

/** Position in a list of conversations, latest first. */
export interface ConversationCursor {
  readonly updatedAt: Date;
  readonly id: string;
}

const CURSOR = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function encodeCursor({ updatedAt, id }: ConversationCursor): string {
  return Buffer.from(`${updatedAt.getTime()}.${id}`).toString('base64url');
}

/** Throws `VALIDATION_ERROR` for anything but a cursor of `encodeCursor`. */
export function decodeCursor(cursor: string): ConversationCursor {
  const [, milliseconds, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const updatedAt = new Date(Number(milliseconds));
  if (id === undefined || Number.isNaN(updatedAt.getTime())) {
    const details = [{ path: 'after', message: 'Is not a cursor of this list' }];
    throw new AppError('VALIDATION_ERROR', undefined, { details });
  }
  return { updatedAt, id };
}
