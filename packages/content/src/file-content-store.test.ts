import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentStore } from '@prodigon/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFileContentStore } from './file-content-store.ts';

let root: string;
let store: ContentStore;

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), content);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'content-'));
  await put('README.md', '# The project\n');
  await put('secret.md', '# Not for readers\n');
  await put('docs/10-last.md', '# Tenth\n');
  await put('docs/2-second.md', '```sh\n# a comment\n```\n\n# The `second` page\n');
  await put('docs/README.md', 'no heading here\n');
  await put('docs/part/1-inner.md', '# Inner\n');
  await put('docs/picture.png', new Uint8Array([137, 80, 78, 71]));
  await put('docs/drawing.svg', '<svg/>');
  await put('docs/notes.txt', 'plain');
  await put('workshop/task-01/lesson.md', '# Lesson\n');
  await put('workshop/task-01/instructor.md', '# Answers\n');
  await put('workshop/task-01/solution/WHY.md', '# Why\n');
  await put('workshop/task-01/solution/why.png', new Uint8Array([1]));
  await put('workshop/task-01/mutants/one.md', '# Mutant\n');
  await put('workshop/task-01/starter/README.md', '# Starter\n');
  store = createFileContentStore({ rootDirectory: root, entries: ['README.md', './docs/', 'workshop', 'not-there-yet'] });
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('list', () => {
  test('returns pages in reading order, titled by their first heading or file name', async () => {
    expect(await store.list()).toEqual([
      { path: 'README.md', title: 'The project' },
      { path: 'docs/README.md', title: 'README' },
      { path: 'docs/2-second.md', title: 'The second page' },
      { path: 'docs/10-last.md', title: 'Tenth' },
      { path: 'docs/part/1-inner.md', title: 'Inner' },
      { path: 'workshop/task-01/lesson.md', title: 'Lesson' },
    ]);
  });

  test('detects edited, added and removed pages', async () => {
    await store.list();
    await put('docs/10-last.md', '# Rewritten\n');
    await utimes(join(root, 'docs/10-last.md'), 1, 1);
    await put('docs/11-new.md', '# New\n');
    await rm(join(root, 'docs/part'), { recursive: true });
    const titles = (await store.list()).map(({ title }) => title);
    expect(titles).toEqual(['The project', 'README', 'The second page', 'Rewritten', 'New', 'Lesson']);
  });

  test('reads a title again only when its file has changed', async () => {
    const path = join(root, 'docs/10-last.md');
    const titleOf = async () => (await store.list()).find((page) => page.path === 'docs/10-last.md')?.title;
    await utimes(path, 1, 1);
    expect(await titleOf()).toBe('Tenth');
    await writeFile(path, '# Other\n');
    await utimes(path, 1, 1);
    expect(await titleOf()).toBe('Tenth');
    await writeFile(path, '# Longer\n');
    await utimes(path, 1, 1);
    expect(await titleOf()).toBe('Longer');
    await writeFile(path, '# Edited\n');
    await utimes(path, 2, 2);
    expect(await titleOf()).toBe('Edited');
  });

  test('shares the work of concurrent calls', async () => {
    const first = store.list();
    expect(store.list()).toBe(first);
    await first;
    expect(store.list()).not.toBe(first);
  });

  test('titles an empty page by its file name without the extension', async () => {
    await put('docs/12-empty.md', '');
    expect(await store.list()).toContainEqual({ path: 'docs/12-empty.md', title: '12-empty' });
  });

  test('lists a page once when entries overlap', async () => {
    const overlapping = createFileContentStore({ rootDirectory: root, entries: ['docs/part', 'docs'] });
    const paths = (await overlapping.list()).map(({ path }) => path);
    expect(paths[0]).toBe('docs/part/1-inner.md');
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('rejects entries outside the root when it is created', () => {
    for (const entry of ['../elsewhere', 'docs/../..', '/etc'])
      expect(() => createFileContentStore({ rootDirectory: root, entries: [entry] })).toThrow(/inside the repository/);
  });
});

describe('read', () => {
  test('returns the Markdown of every listed page', async () => {
    for (const { path } of await store.list()) expect(await store.read(path)).toEqual(expect.any(String));
    expect(await store.read('docs/part/1-inner.md')).toBe('# Inner\n');
  });

  test.each([
    '/etc/passwd',
    '../secret.md',
    'docs/../secret.md',
    'docs/../../etc/passwd.md',
    'docs\\..\\secret.md',
    'docs/%2e%2e/secret.md',
    '%2e%2e%2fsecret.md',
    'docs/..%2fsecret.md',
    'docs/README.md\0.png',
    'docs//README.md',
    './README.md',
    'C:/windows.md',
    'file:///etc/passwd.md',
    'secret.md',
    'docs-other/page.md',
    '',
    'docs/'.padEnd(2000, 'a'),
  ])('rejects %j', async (path) => {
    await expect(store.read(path)).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(store.readAsset(path)).rejects.toMatchObject({ code: 'INVALID_PATH' });
  });

  test.each([
    'docs',
    'docs/part',
    'docs/missing.md',
    'docs/notes.txt',
    'docs/picture.png',
    'README.md/x.md',
    'workshop/task-01/instructor.md',
    'workshop/task-01/INSTRUCTOR.md',
    'workshop/task-01/solution/WHY.md',
    'workshop/task-01/Solution/WHY.md',
    'workshop/task-01/mutants/one.md',
    'workshop/task-01/starter/README.md',
  ])('throws NOT_FOUND for %j', async (path) => {
    await expect(store.read(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('follows symbolic links only inside the entries', async () => {
    await symlink(join(root, 'docs/10-last.md'), join(root, 'docs/inside.md'));
    await symlink(join(root, 'secret.md'), join(root, 'docs/outside.md'));
    await symlink(tmpdir(), join(root, 'docs/elsewhere'));
    await symlink(join(root, 'workshop/task-01/solution/WHY.md'), join(root, 'docs/answer.md'));
    await symlink(join(root, 'docs/notes.txt'), join(root, 'docs/text.md'));
    await put(`../${root.split('/').at(-1)}-neighbour/page.md`, '# Neighbour\n');
    const neighbour = `${root}-neighbour`;
    await symlink(neighbour, join(root, 'docs/neighbour'));

    expect(await store.read('docs/inside.md')).toBe('# Tenth\n');
    await expect(store.read('docs/outside.md')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(store.read('docs/neighbour/page.md')).rejects.toMatchObject({ code: 'INVALID_PATH' });
    await expect(store.read('docs/answer.md')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.read('docs/text.md')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await store.list()).map(({ path }) => path)).not.toContain('docs/outside.md');
    await rm(neighbour, { recursive: true });
  });
});

describe('readAsset', () => {
  test('returns an image with its media type', async () => {
    expect(await store.readAsset('docs/picture.png')).toEqual({ bytes: Buffer.from([137, 80, 78, 71]), mediaType: 'image/png' });
    expect((await store.readAsset('docs/drawing.svg')).mediaType).toBe('image/svg+xml');
  });

  test.each(['docs/README.md', 'docs/notes.txt', 'docs/missing.png', 'workshop/task-01/solution/why.png'])(
    'throws NOT_FOUND for %j',
    async (path) => {
      await expect(store.readAsset(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  test('does not return a page through a link that is named like an image', async () => {
    await symlink(join(root, 'docs/10-last.md'), join(root, 'docs/link.png'));
    await expect(store.readAsset('docs/link.png')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('readSource', () => {
  beforeEach(async () => {
    await put('packages/one/src/index.ts', 'export {};\n');
    await put('packages/one/README.md', '# One\n');
    await put('packages/one/src/10.ts', '');
    await put('packages/one/src/2.ts', '');
    await put('packages/one/src/logo.png', new Uint8Array([1]));
    await put('packages/one/src/huge.json', `"${'x'.repeat(600 * 1024)}"`);
    await put('packages/one/.env', 'GROQ_API_KEY=secret');
    await put('packages/one/dist/main.mjs', 'built');
    await put('packages/one/node_modules/a/index.js', 'installed');
    await put('packages/one/solution/answer.ts', 'hidden');
    await put('config/models.yaml', 'providers: {}');
    await put('.prodigon/keys.json', '{}');
    await put('jobs.jsonl', '{}');
    await put('LICENSE', 'MIT');
    await put('workshop/part-1/task-01/experiment.ts', 'export {};\n');
    await put('my/01/client.ts', 'export {};\n');
  });

  test('returns files of the code as text', async () => {
    expect(await store.readSource('packages/one/src/index.ts')).toEqual({
      path: 'packages/one/src/index.ts',
      content: 'export {};\n',
    });
    expect(await store.readSource('LICENSE')).toEqual({ path: 'LICENSE', content: 'MIT' });
  });

  test("returns the experiment of a task, but not the learner's copy", async () => {
    expect(await store.readSource('workshop/part-1/task-01/experiment.ts')).toMatchObject({ content: 'export {};\n' });
    await expect(store.readSource('my/01/client.ts')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('lists the readable contents of a folder, folders first', async () => {
    expect(await store.readSource('packages/one')).toEqual({
      path: 'packages/one',
      entries: [
        { path: 'packages/one/src', kind: 'folder' },
        { path: 'packages/one/README.md', kind: 'file' },
      ],
    });
    expect(await store.readSource('packages/one/src')).toMatchObject({
      entries: ['2.ts', '10.ts', 'huge.json', 'index.ts'].map((name) => ({ path: `packages/one/src/${name}` })),
    });
  });

  test.each([
    'config',
    'config/models.yaml',
    '.prodigon/keys.json',
    'jobs.jsonl',
    'packages/one/.env',
    'packages/one/dist/main.mjs',
    'packages/one/DIST/main.mjs',
    'packages/one/node_modules/a/index.js',
    'packages/one/solution/answer.ts',
    'packages/one/src/logo.png',
    'packages/one/src/huge.json',
    'packages/missing.ts',
  ])('does not return settings, data, built, hidden, binary, huge or missing files: %s', async (path) => {
    await expect(store.readSource(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(['../etc/passwd', '/etc/passwd', 'packages/../config/models.yaml', 'packages/one/src/', 'packages\\one'])(
    'rejects %s as a path',
    async (path) => {
      await expect(store.readSource(path)).rejects.toMatchObject({ code: 'INVALID_PATH' });
    },
  );

  test('follows symbolic links only to other code', async () => {
    await symlink(join(root, 'config/models.yaml'), join(root, 'packages/one/src/models.yaml'));
    await symlink('/etc/passwd', join(root, 'packages/one/src/passwd.txt'));
    await symlink(join(root, 'packages/one/.env'), join(root, 'packages/one/src/env.txt'));
    await symlink(join(root, 'config'), join(root, 'packages/one/config'));
    for (const path of ['src/models.yaml', 'src/passwd.txt', 'src/env.txt', 'config', 'config/models.yaml'])
      await expect(store.readSource(`packages/one/${path}`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('reads nothing from the folder of the platform’s data, also through a link', async () => {
  await put('infra/data/provider-settings/acme.json', '{"api_key":"secret"}');
  await put('infra/data/notes.md', '# Data\n');
  await symlink(join(root, 'infra/data'), join(root, 'docs/linked'));
  const options = { rootDirectory: root, entries: ['infra', 'docs'] };
  const paths = ['infra/data', 'infra/data/provider-settings/acme.json', 'docs/linked/provider-settings/acme.json'];
  const open = createFileContentStore(options);
  expect(await open.readSource('infra/data/provider-settings/acme.json')).toMatchObject({
    content: expect.stringContaining('secret'),
  });
  const guarded = createFileContentStore({ ...options, excludedDirectory: join(root, 'infra/data') });
  for (const path of paths) await expect(guarded.readSource(path)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(guarded.read('infra/data/notes.md')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
