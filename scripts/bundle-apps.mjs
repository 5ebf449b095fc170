// Bundles each app with its packages into apps/<app>/dist/main.mjs, because Node loads one file in half the time of a
// thousand (docs/decisions/0013-bundled-apps.md). Usage: `node scripts/bundle-apps.mjs [app …]`.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { BUNDLED_APPS, bundlePath, sourcePath, writeInputs } from '../packages/stack/src/app-bundle.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** Optional packages that other packages load at run time. */
const EXTERNAL = ['pg-native', 'pino-pretty'];

const CHAT_PROCESSES = { 'pdf-text-process': join(ROOT, 'services/chat/src/attachments/pdf-text-process.ts') };
/** Programs that an app starts as processes, by app. Each is a file beside the app. */
const PROCESSES = { gateway: CHAT_PROCESSES, monolith: CHAT_PROCESSES };

/** Running processes may still load chunks of an earlier bundle, so those stay this long. */
const OLD_CHUNK_MS = 24 * 60 * 60 * 1_000;

const apps = process.argv.length > 2 ? process.argv.slice(2) : BUNDLED_APPS;
for (const app of apps) await bundleApp(app);

async function bundleApp(app) {
  const target = resolve(bundlePath(ROOT, app), '..');
  const draft = `${target}.${process.pid}`;
  const bundle = await rolldown({
    input: { main: sourcePath(ROOT, app), ...PROCESSES[app] },
    platform: 'node',
    external: EXTERNAL,
    tsconfig: false,
    onLog(level, log, report) {
      // Dependencies cause both warnings, and neither affects the bundle.
      if (log.code === 'EVAL' || log.code === 'CIRCULAR_DEPENDENCY') return;
      report(log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log);
    },
  });
  try {
    await bundle.write({
      dir: draft,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
      sourcemap: true,
      sourcemapExcludeSources: true,
    });
    writeInputs(ROOT, draft, inputsOf(await bundle.watchFiles));
    publish(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    await bundle.close();
  }
}

/**
 * Moves the files of `draft` into `target`: first the chunks, then the entry, last the record of its inputs. It replaces
 * the files one by one, because a process may load any of them at any time.
 */
function publish(draft, target) {
  mkdirSync(target, { recursive: true });
  const names = readdirSync(draft);
  const last = ['main.mjs', 'inputs.json'];
  for (const name of [...names.filter((name) => !last.includes(name)), ...last])
    renameSync(join(draft, name), join(target, name));
  for (const name of readdirSync(target)) {
    const path = join(target, name);
    if (!names.includes(name) && statSync(path).mtimeMs < Date.now() - OLD_CHUNK_MS) rmSync(path, { force: true });
  }
}

/** Returns the inputs of the bundle: source files of this repository, their manifests, and the lockfile for all packages. */
function inputsOf(files) {
  const own = files.map((file) => relative(ROOT, file)).filter((path) => /^(apps|packages|services)\//.test(path));
  const manifests = own.map((path) => path.split('/').slice(0, 2).concat('package.json').join('/'));
  return [...new Set([...own, ...manifests, 'package-lock.json'])];
}
