import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import { findAppEntry, sourcePath } from '@prodigon/stack';
import { type MeasuredProcess, startProcess } from '../common/measured-process.ts';

export type AppName = 'gateway' | 'model' | 'monolith';

export interface AppStarts {
  /** Resolves when /readyz of the app returns 200. */
  startApp(name: AppName): Promise<MeasuredProcess>;
  /** Resolves when a bare Node process has imported the same packages as the app. */
  importPackagesOf(name: AppName): Promise<MeasuredProcess>;
  close(): Promise<void>;
}

const RECORDER = pathToFileURL(join(import.meta.dirname, 'record-imports.ts')).href;
const IMPORTER = join(import.meta.dirname, 'import-packages.ts');

/** Prepares starts of the apps: starts a model service for the gateway, and each app once to record its imports. */
export async function createAppStarts(env: NodeJS.ProcessEnv, databaseUrl: string): Promise<AppStarts> {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-cold-start-'));
  const importsOf = (name: AppName) => join(directory, `${name}.imports`);
  const settings = {
    ...env,
    GATEWAY_PORT: '0',
    MODEL_PORT: '0',
    DATA_DIR: directory,
    DATABASE_URL: databaseUrl,
    INTERNAL_TOKEN: 'internal-token-of-the-bench',
    USE_MOCK: 'true',
  };
  const run = (parameters: string[], more: NodeJS.ProcessEnv = {}) =>
    startProcess({ program: process.execPath, parameters, env: { ...settings, ...more } });
  const model = await run([findAppEntry(REPOSITORY_ROOT, 'model')]);

  const startApp = async (name: AppName, entry = findAppEntry(REPOSITORY_ROOT, name), more: NodeJS.ProcessEnv = {}) => {
    const app = await run([entry], { MODEL_SERVICE_URL: model.url, ...more });
    while ((await fetch(`${app.url}/readyz`)).status !== 200);
    return app;
  };
  for (const name of ['gateway', 'model', 'monolith'] as const) {
    const app = await startApp(name, sourcePath(REPOSITORY_ROOT, name), {
      NODE_OPTIONS: `--import=${RECORDER}`,
      IMPORTS_FILE: importsOf(name),
    });
    await app.close();
  }
  return {
    startApp: (name) => startApp(name),
    importPackagesOf: (name) => run([IMPORTER, importsOf(name)]),
    async close() {
      await model.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
