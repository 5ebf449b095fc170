import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The root folder of this repository: where `.env`, the documents and the data folder are found. */
export const REPOSITORY_ROOT = resolve(import.meta.dirname, '../../..');

/** The version of the platform, e.g. `0.1.0`. */
export const VERSION: string = JSON.parse(readFileSync(resolve(REPOSITORY_ROOT, 'package.json'), 'utf8')).version;

/** Where the page is built to. */
export const WEB_UI_DIRECTORY = resolve(REPOSITORY_ROOT, 'apps/web/dist');
