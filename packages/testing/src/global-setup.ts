import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BUNDLED_APPS, createDatabase, isBundleFresh, migrateDatabase, prepareCluster, withDatabase } from '@prodigon/stack';
import { ensureProgram, PROGRAMS } from './find-program.ts';
import { runProgram } from './run-program.ts';
import { CLUSTER_TEMPLATE_VARIABLE, MIGRATED_DATABASE, SCRATCH_VARIABLE, SHARED_POSTGRES_VARIABLE } from './shared-resources.ts';
import { startTemporaryPostgres } from './temporary-postgres.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A file system in memory on Linux. Creating a database there takes a fifth of the CPU time. */
const MEMORY_FOLDER = '/dev/shm';
/** Several times the space of a complete run. Containers often have only 64 MB. */
const MEMORY_BYTES_MIN = 4 * 2 ** 30;

type Teardown = () => Promise<void>;
let hasRun = false;

/** Runs once before all system tests: installs programs, bundles the apps and starts the PostgreSQL server that tests share. */
export default async function setUp(): Promise<Teardown | undefined> {
  // Vitest calls this once for the system tests and once for the matrix tests.
  if (hasRun) return;
  hasRun = true;
  for (const program of Object.values(PROGRAMS)) ensureProgram(program);
  const scratch = mkdtempSync(join(hasMemoryFolder() ? MEMORY_FOLDER : tmpdir(), 'prodigon-tests-'));
  // Under root, PostgreSQL runs as another user, which must be able to traverse this folder.
  chmodSync(scratch, 0o711);
  process.env[SCRATCH_VARIABLE] = scratch;
  const [server] = await Promise.all([startSharedPostgres(scratch), bundleApps()]);
  process.env[SHARED_POSTGRES_VARIABLE] = server.url;
  return server.close;
}

/** Returns whether tests can write enough files to memory. */
function hasMemoryFolder(): boolean {
  try {
    accessSync(MEMORY_FOLDER, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}

/** Bundles the apps, because tests start the same bundles as users. */
async function bundleApps(): Promise<void> {
  const stale = BUNDLED_APPS.filter((app) => !isBundleFresh(ROOT, app));
  if (stale.length === 0) return;
  const { code, output } = await runProgram(process.execPath, ['scripts/bundle-apps.mjs', ...stale], { cwd: ROOT });
  if (code !== 0) throw new Error(`The apps could not be bundled:\n${output}`);
}

async function startSharedPostgres(scratch: string) {
  const template = join(scratch, 'cluster-template');
  mkdirSync(template, { mode: 0o711 });
  await prepareCluster(template);
  process.env[CLUSTER_TEMPLATE_VARIABLE] = template;
  const server = await startTemporaryPostgres({ settings: { max_connections: '400' }, deletesFolder: scratch });
  const migrated = withDatabase(server.url, MIGRATED_DATABASE);
  await createDatabase(migrated);
  await migrateDatabase(migrated);
  return server;
}
