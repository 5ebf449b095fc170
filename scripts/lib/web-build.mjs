import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withNodeFirst } from './pinned-node.mjs';
import { runChild } from './run-child.mjs';

/** The sources of the web UI. */
const SOURCES = ['apps/web', 'packages/contracts', 'packages/api-client', 'package-lock.json'];
const NOT_A_SOURCE = /^(node_modules|dist|e2e|coverage)$|\.test\.tsx?$/;

/**
 * Builds the web UI unless its sources are unchanged since the last build.
 * @param {string} root
 * @param {string} node
 * @returns {Promise<number>} the exit code
 */
export async function buildWebUi(root, node) {
  const recordPath = join(root, 'apps/web/dist/.fingerprint');
  const fingerprint = computeFingerprint(root, SOURCES);
  const isBuilt = existsSync(recordPath) && readFileSync(recordPath, 'utf8') === fingerprint;
  if (isBuilt) return 0;

  console.log('Building the web UI ...');
  const code = await runChild(node, [join(root, 'node_modules/.bin/vite'), 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'apps/web'),
    env: { ...withNodeFirst(node), NODE_ENV: 'production' },
  });
  if (code !== 0) {
    console.error('The web UI could not be built. See the error above.');
    return code;
  }
  writeFileSync(recordPath, fingerprint);
  return 0;
}

/**
 * Returns a hash of the names and contents of files and folders. It ignores modification times, because a checkout changes
 * all of them.
 * @param {string} root
 * @param {readonly string[]} paths relative to the root
 */
export function computeFingerprint(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((path) => filesBelow(root, path))) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesBelow(root, path) {
  if (path.endsWith('package-lock.json')) return [path];
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter(({ name }) => !NOT_A_SOURCE.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(root, join(path, entry.name)) : [join(path, entry.name)]));
}
