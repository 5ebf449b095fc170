// `node scripts/bundle-apps.mjs [app …]`: bundles each app with its packages into apps/<app>/dist/main.mjs, because
// loading one file takes half the time of loading a thousand (docs/decisions/0013-bundled-apps.md).
import { renameSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { BUNDLED_APPS, bundlePath, sourcePath, writeInputs } from '../packages/stack/src/app-bundle.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** Loaded by name at run time, and only sometimes. */
const EXTERNAL = ['pg-native', 'pino-pretty'];

const apps = process.argv.length > 2 ? process.argv.slice(2) : BUNDLED_APPS;
for (const app of apps) await bundleApp(app);

async function bundleApp(app) {
  const target = resolve(bundlePath(ROOT, app), '..');
  const draft = `${target}.${process.pid}`;
  const bundle = await rolldown({
    input: sourcePath(ROOT, app),
    platform: 'node',
    external: EXTERNAL,
    tsconfig: false,
    onLog(level, log, report) {
      // Packages do the first two, and neither concerns their users.
      if (log.code === 'EVAL' || log.code === 'CIRCULAR_DEPENDENCY') return;
      report(log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log);
    },
  });
  try {
    await bundle.write({
      dir: draft,
      format: 'esm',
      entryFileNames: 'main.mjs',
      chunkFileNames: '[name]-[hash].mjs',
      sourcemap: true,
      sourcemapExcludeSources: true,
    });
    writeInputs(ROOT, draft, inputsOf(await bundle.watchFiles));
    replaceFolder(target, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    await bundle.close();
  }
}

function replaceFolder(target, draft) {
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(draft, target);
  } catch (error) {
    // Another process that bundles the same sources was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** Returns what the bundle depends on: the files of this repository, their manifests, and the lockfile for everything else. */
function inputsOf(files) {
  const own = files.map((file) => relative(ROOT, file)).filter((path) => /^(apps|packages|services)\//.test(path));
  const manifests = own.map((path) => path.split('/').slice(0, 2).concat('package.json').join('/'));
  return [...new Set([...own, ...manifests, 'package-lock.json'])];
}
