import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './run-child.mjs';

/**
 * What a first install downloads, in MB. Measured on Linux x64: with `npm_config_cache` set to an empty folder,
 * the sum of the gzip files in it afterwards. 53 of them are the pinned Node, 24 are PostgreSQL.
 */
const DOWNLOAD_MB = 180;

/**
 * Installs the packages of the lockfile unless they are all there; without any work it needs no network.
 * @param {string} root
 * @returns {Promise<number>} exit code
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
  // Not `npm ci`: it refuses a lockfile without the optional packages of machines that the registry had no
  // build for. `--no-save` keeps to the lockfile all the same and leaves it as it is, and nothing is deleted
  // under a platform that runs. All kinds of packages are needed, whatever NODE_ENV says. At this log level npm
  // keeps its errors and drops its warnings: the older Node that it may run on is no problem (EBADENGINE), since
  // everything else runs on the pinned one.
  const args = ['install', '--no-save', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith('.js')
    ? await runChild(process.execPath, [npm, ...args], { cwd: root })
    : await runChild('npm', args, { cwd: root });
  if (code !== 0) console.error("The packages could not be installed; npm's own words are above.");
  return code;
}

/**
 * Whether npm's record of what it installed (`node_modules/.package-lock.json`, which it writes last) holds
 * everything that the lockfile asks for. Optional packages may be missing: most are for other machines.
 * @param {Lockfile | null} wanted
 * @param {Lockfile | null} present
 * @typedef {{packages: Record<string, {version?: string, integrity?: string, link?: boolean, resolved?: string, optional?: boolean, devOptional?: boolean}>}} Lockfile
 */
export function isInstalled(wanted, present) {
  if (!wanted || !present) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    const there = present.packages[path];
    if (path === '') return true;
    if (!there) return Boolean(entry.optional);
    return there.version === entry.version && there.integrity === entry.integrity && there.link === entry.link;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
