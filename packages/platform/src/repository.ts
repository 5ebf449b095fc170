import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The root folder of this repository, with `.env`, the documentation and the default data directory. */
export const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');

/** The version of the platform, e.g. `0.1.0`. */
export const VERSION: string = JSON.parse(readFileSync(resolve(REPOSITORY_ROOT, 'package.json'), 'utf8')).version;

/** The folder of the built web UI. */
export const WEB_UI_DIRECTORY = resolve(REPOSITORY_ROOT, 'apps/web/dist');

/**
 * Creates the data directory unless it exists, accessible to its owner only. As root it is created traversable, but not
 * readable, for others, because the database then runs as another user and has its folder inside.
 */
export function createDataDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
}
