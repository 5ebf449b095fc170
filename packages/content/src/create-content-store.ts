import { type Configuration, REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import type { ContentStore } from '@prodigon/ports';
import { createFileContentStore } from './file-content-store.ts';

/** The pages that are configured. */
export function createContentStore({ CONTENT_DIRS }: Configuration): ContentStore {
  return createFileContentStore({ rootDirectory: REPOSITORY_ROOT, entries: CONTENT_DIRS });
}
