import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The oldest supported major version of Node. It runs TypeScript without a build. */
const OLDEST_MAJOR = 24;

/** @param {string} version e.g. `v24.1.0` */
export const isNewEnough = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= OLDEST_MAJOR;

/**
 * Returns the path of the Node for everything except the setup: the Node that npm installed with the packages (Linux),
 * otherwise the current one if it is new enough, otherwise null. Callers need the path, because `node` in the PATH of an
 * npm script may be an older version.
 * @param {string} root
 * @returns {string | null}
 */
export function findNode(root) {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  // Run it, because node_modules may have been copied from another platform.
  const result = spawnSync(pinned, ['--version'], { encoding: 'utf8' });
  if (result.status === 0 && isNewEnough(result.stdout)) return realpathSync(pinned);
  return isNewEnough(process.version) ? process.execPath : null;
}

/**
 * Returns an environment whose PATH resolves `node` to this Node.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export const withNodeFirst = (node, env = process.env) => ({ ...env, PATH: `${dirname(node)}${delimiter}${env.PATH ?? ''}` });
