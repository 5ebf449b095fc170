import { mkdirSync } from 'node:fs';

/**
 * Makes DATA_DIR unless it is there, for its owner only; what is in it has permissions of its own. As root others may pass
 * through it (not list it), because the database runs as another user there, who has to get to its folder.
 */
export function createDataDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}
