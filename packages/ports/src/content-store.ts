import type { ContentEntry, SourceFile, SourceFolder } from '@prodigon/contracts';

export interface ContentAsset {
  readonly bytes: Uint8Array;
  /** E.g. `image/png`. */
  readonly mediaType: string;
}

/** The pages of the repository. Paths are relative to its root, with forward slashes. */
export interface ContentStore {
  /** Returns the readable Markdown pages in reading order. */
  list(): Promise<readonly ContentEntry[]>;
  /** Returns the Markdown of a page. Throws `INVALID_PATH` for a path outside the content, `NOT_FOUND` for an unknown one. */
  read(path: string): Promise<string>;
  /** Returns an image of a page. Throws like `read`. */
  readAsset(path: string): Promise<ContentAsset>;
  /**
   * Returns a file of the repository's code, or the contents of a folder. Throws `INVALID_PATH` for a path that leaves the
   * repository, and `NOT_FOUND` for everything else that is not its code.
   */
  readSource(path: string): Promise<SourceFile | SourceFolder>;
}
