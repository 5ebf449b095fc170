import { linkSync, rmSync } from 'node:fs';

/** Moves a draft to `path`. Returns false, without the draft, when that file exists already. */
export function createFromDraft(draft: string, path: string): boolean {
  try {
    // Unlike a rename, a link never replaces an existing file.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
