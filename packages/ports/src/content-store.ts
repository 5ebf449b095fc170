import type { ContentEntry } from '@prodigon/contracts';

export interface ContentAsset {
  readonly bytes: Uint8Array;
  /** E.g. `image/png`. */
  readonly mediaType: string;
}

/** The repository's own pages. Paths are relative to its root, with forward slashes. */
export interface ContentStore {
  /** The Markdown pages that may be read, in reading order. */
  list(): Promise<readonly ContentEntry[]>;
  /** A page's Markdown. Throws `INVALID_PATH` for a path outside, `NOT_FOUND` for one that is not there. */
  read(path: string): Promise<string>;
  /** A picture that a page shows. Throws like `read`. */
  readAsset(path: string): Promise<ContentAsset>;
}
