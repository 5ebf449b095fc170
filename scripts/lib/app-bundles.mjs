import { join } from 'node:path';
import { BUNDLED_APPS, isBundleFresh } from '../../packages/stack/src/app-bundle.mjs';
import { withNodeFirst } from './pinned-node.mjs';
import { runChild } from './run-child.mjs';

/**
 * Bundles each app into one file unless its sources are unchanged since the last build.
 * @param {string} root
 * @param {string} node
 * @returns {Promise<number>} exit code
 */
export async function buildAppBundles(root, node) {
  const stale = BUNDLED_APPS.filter((app) => !isBundleFresh(root, app));
  if (stale.length === 0) return 0;
  console.log('Bundling the apps ...');
  const code = await runChild(node, [join(root, 'scripts/bundle-apps.mjs'), ...stale], { cwd: root, env: withNodeFirst(node) });
  if (code !== 0) console.error('The apps could not be bundled. See the error above.');
  return code;
}
