import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listMarkdownFiles } from './list-markdown-files.ts';

async function createFiles(...paths: string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'prodigon-list-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '');
  }
  return root;
}

it('sorts each folder by number and name, after its README or index', async () => {
  const files = [
    'b.md',
    'a.md',
    '10-x.md',
    '2-x.md',
    'readme.md',
    'B/1.md',
    'a/Index.MD',
    'a/a.md',
    'index.txt',
    'README.md.txt',
  ];
  const root = await createFiles(...files);
  expect(await listMarkdownFiles(root, ['.'])).toEqual([
    'readme.md',
    '2-x.md',
    '10-x.md',
    'a/Index.MD',
    'a/a.md',
    'a.md',
    'B/1.md',
    'b.md',
  ]);
});

it('sorts a folder that is named like a README by its name', async () => {
  const root = await createFiles('a.md', 'README.md/b.md');
  expect(await listMarkdownFiles(root, ['.'])).toEqual(['a.md', 'README.md/b.md']);
});

it('lists the entries in the given order, and skips missing, hidden and linked ones', async () => {
  const root = await createFiles('a.md', 'docs/b.md', 'docs/.c.md', 'docs/solution/d.md', 'e.txt', 'instructor.md');
  await symlink(join(root, 'a.md'), join(root, 'docs/link.md'));
  await symlink(join(root, 'docs'), join(root, 'linked'));
  const entries = ['docs', 'missing', 'linked', 'e.txt', 'instructor.md', 'a.md'];
  expect(await listMarkdownFiles(root, entries)).toEqual(['docs/b.md', 'a.md']);
});

it('descends twelve folders', async () => {
  const twelve = Array.from({ length: 12 }, (_, depth) => depth).join('/');
  const root = await createFiles(`${twelve}/a.md`, `${twelve}/12/b.md`);
  expect(await listMarkdownFiles(root, ['.'])).toEqual([`${twelve}/a.md`]);
});

it('lists at most two thousand pages', async () => {
  const names = Array.from({ length: 2_001 }, (_, index) => `docs/${index}.md`);
  const root = await createFiles(...names, 'last.md');
  const listed = await listMarkdownFiles(root, ['docs', 'last.md']);
  expect(listed).toEqual(names.slice(0, 2_000));
});
