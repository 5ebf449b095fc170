import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import type { AppName } from './start-app.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules/.cache/prodigon');
const APPS: readonly AppName[] = ['gateway', 'model', 'monolith', 'worker'];

/** Bundled modules keep the paths that they have in the repository. */
const sourcePaths: Plugin = {
  name: 'source-paths',
  transform: {
    filter: { code: /import\.meta\.|__(?:dirname|filename)\b/ },
    handler: (code, id) =>
      code
        .replaceAll(/import\.meta\.dirname|\b__dirname\b/g, JSON.stringify(dirname(id)))
        .replaceAll(/import\.meta\.filename|\b__filename\b/g, JSON.stringify(id))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  },
};

export interface AppBundles {
  /** Holds `<app>.js` for each app. */
  readonly folder: string;
  remove(): void;
}

/** Bundles every app into a few files, because a process that loads hundreds takes three times the CPU to start. */
export async function bundleApps(): Promise<AppBundles> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'test-apps-'));
  const build = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(APPS.map((name) => [name, `apps/${name}/src/main.ts`])),
    platform: 'node',
    plugins: [sourcePaths],
    logLevel: 'silent',
  });
  await build.write({ dir: folder, format: 'esm', sourcemap: true });
  await build.close();
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
