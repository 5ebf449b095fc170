import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The first version that the services run on: it strips types by itself. */
const MAJOR_NEEDED = 24;

/** @param {string} version e.g. `v24.1.0` */
export const isNewEnough = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= MAJOR_NEEDED;

/**
 * The Node that everything but the setup itself runs on, as a path: the one that npm installed with the
 * packages (Linux), else the current one if it is new enough, else null. By path, because a shell that
 * npm has started may still find the older one under the name `node`.
 * @param {string} root
 * @returns {string | null}
 */
export function findNode(root) {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  // Asked for its version, since a node_modules folder may have come from another kind of machine.
  const answer = spawnSync(pinned, ['--version'], { encoding: 'utf8' });
  if (answer.status === 0 && isNewEnough(answer.stdout)) return realpathSync(pinned);
  return isNewEnough(process.version) ? process.execPath : null;
}

/**
 * An environment in which `node` is this one, for children that look it up by name.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export const withNodeFirst = (node, env = process.env) => ({ ...env, PATH: `${dirname(node)}${delimiter}${env.PATH ?? ''}` });
