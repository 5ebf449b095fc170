// Plain JavaScript, because `npm start` imports it on Node 20 before the packages are installed.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const BUNDLED_APPS = ['gateway', 'model', 'worker', 'monolith', 'lab', 'cli'];

const INPUTS_FILE = 'inputs.json';

export function findAppEntry(rootDirectory, app) {
  return isBundleFresh(rootDirectory, app) ? bundlePath(rootDirectory, app) : sourcePath(rootDirectory, app);
}

export const sourcePath = (rootDirectory, app) => join(rootDirectory, 'apps', app, 'src', 'main.ts');

/** The bundle has the same depth as `packages/stack/src`, so that `../../..` is the repository's root from both. */
export const bundlePath = (rootDirectory, app) => join(rootDirectory, 'apps', app, 'dist', 'main.mjs');

export function isBundleFresh(rootDirectory, app) {
  try {
    const record = readFileSync(join(bundlePath(rootDirectory, app), '..', INPUTS_FILE), 'utf8');
    const inputs = Object.entries(JSON.parse(record));
    return inputs.length > 0 && inputs.every(([path, stamp]) => readStamp(join(rootDirectory, path)) === stamp);
  } catch {
    return false;
  }
}

export function writeInputs(rootDirectory, folder, paths) {
  const stamps = paths.map((path) => [path, readStamp(join(rootDirectory, path))]);
  writeFileSync(join(folder, INPUTS_FILE), JSON.stringify(Object.fromEntries(stamps)));
}

/** Compares size and modification time, because reading the contents would slow down every start. */
function readStamp(path) {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}
