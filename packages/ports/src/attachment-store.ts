import type { Attachment } from '@prodigon/contracts/conversations';

/** An attachment with what the model receives. */
export interface StoredAttachment extends Attachment {
  /** SHA-256 of the content, which names its file. */
  readonly sha256: string;
  /** Text of the file; null for images. */
  readonly text: string | null;
}

export interface NewAttachment extends Omit<StoredAttachment, 'created_at'> {
  readonly ownerId: string;
}

/** Stores the rows of attachments. Throws `NOT_FOUND` for an attachment of another owner. */
export interface AttachmentStore {
  /**
   * Throws `INSUFFICIENT_STORAGE` when the attachments of the owner are too large together. The file must be written after
   * the row, which waits for a deletion of the same content: a file that was there before may be gone.
   */
  create(attachment: NewAttachment): Promise<Attachment>;
  get(ownerId: string, attachmentId: string): Promise<StoredAttachment>;
  /** Returns those that exist, in the order of the ids. */
  getAll(ownerId: string, attachmentIds: readonly string[]): Promise<StoredAttachment[]>;
  /** Deletes an attachment that no message uses. Throws `CONFLICT` for one that is used. */
  remove(ownerId: string, attachmentId: string): Promise<void>;
  /**
   * Calls back with each file that no attachment uses any more, and forgets it when the callback resolves. Also deletes
   * attachments that no message has used for a day.
   */
  takeDeletedFiles(remove: (file: { ownerId: string; sha256: string }) => Promise<void>): Promise<void>;
}

/** Stores the content of files by owner and SHA-256. */
export interface FileStore {
  /** Stores the bytes; the same content twice is one file. Throws `INSUFFICIENT_STORAGE`. */
  write(ownerId: string, sha256: string, bytes: Uint8Array): Promise<void>;
  /** Throws `NOT_FOUND`. */
  read(ownerId: string, sha256: string): Promise<Uint8Array>;
  remove(ownerId: string, sha256: string): Promise<void>;
}
