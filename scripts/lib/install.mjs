import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './run-child.mjs';

/**
 * The download size of a first install in MB, including 53 MB for the pinned Node and 24 MB for PostgreSQL. Measured on
 * Linux x64 as the sum of the gzip files in an initially empty `npm_config_cache`.
 */
const DOWNLOAD_MB = 180;

/**
 * Installs the packages of the lockfile unless all of them are installed. It uses the network only to install.
 * @param {string} root
 * @returns {Promise<number>} the exit code
 */
export async function installPackages(root) {
  if (isInstalled(readJson(join(root, 'package-lock.json')), readJson(join(root, 'node_modules', '.package-lock.json'))))
    return 0;
  const isFirst = !existsSync(join(root, 'node_modules'));
  console.log(
    isFirst
      ? `Installing the packages, about ${DOWNLOAD_MB} MB to download ...`
      : 'The lockfile has changed: installing the packages again ...',
  );
  // `npm ci` rejects a lockfile that lacks optional packages for unsupported platforms, and deletes packages under a running
  // platform. `npm install --no-save` also follows the lockfile and does not change it. `--include` overrides NODE_ENV. The
  // log level hides the warning about an older Node (EBADENGINE), because everything except npm runs on the pinned Node.
  const args = ['install', '--no-save', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith('.js')
    ? await runChild(process.execPath, [npm, ...args], { cwd: root })
    : await runChild('npm', args, { cwd: root });
  if (code !== 0) console.error("The packages could not be installed. See npm's output above.");
  return code;
}

/**
 * Returns whether `node_modules/.package-lock.json`, which npm writes at the end of an installation, contains every package
 * of the lockfile. Optional packages may be missing, because most of them are for other platforms.
 * @param {Lockfile | null} wanted
 * @param {Lockfile | null} present
 * @typedef {{packages: Record<string, {version?: string, integrity?: string, link?: boolean, resolved?: string, optional?: boolean, devOptional?: boolean}>}} Lockfile
 */
export function isInstalled(wanted, present) {
  if (!wanted || !present) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    const installed = present.packages[path];
    if (path === '') return true;
    if (!installed) return Boolean(entry.optional);
    return installed.version === entry.version && installed.integrity === entry.integrity && installed.link === entry.link;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
