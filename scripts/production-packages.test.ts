import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const readJson = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

it('installs no packages for building and testing with --omit=dev', () => {
  const { packages } = readJson('package-lock.json') as { packages: Record<string, { dev?: boolean }> };
  const development = new Set(
    ['package.json', 'apps/web/package.json', 'packages/testing/package.json'].flatMap((path) =>
      Object.keys(readJson(path).devDependencies),
    ),
  );
  const manifests = ['apps', 'packages', 'services'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => readJson(`${folder}/${name}/package.json`)),
  );
  for (const name of manifests.flatMap(({ dependencies }) => Object.keys(dependencies ?? {}))) development.delete(name);
  // gRPC depends on protobufjs, which depends on these types.
  development.delete('@types/node');
  expect([...development]).toEqual(expect.arrayContaining(['rolldown', 'vite', 'react', 'playwright-core', 'typescript']));
  expect([...development].filter((name) => !packages[`node_modules/${name}`]?.dev)).toEqual([]);
});

it('declares only development dependencies in the root and the web UI', () => {
  expect([readJson('package.json').dependencies, readJson('apps/web/package.json').dependencies]).toEqual([undefined, undefined]);
});
