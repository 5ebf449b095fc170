import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Lays a small tree out like the repository, and checks it by the repository's own rules. */
function check(files: Record<string, string>): { status: number | null; output: string } {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-imports-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  for (const file of ['package.json', 'tsconfig.json']) symlinkSync(join(ROOT, file), join(directory, file));
  const folders = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
  const args = [
    join(ROOT, 'node_modules/.bin/depcruise'),
    ...folders,
    '--config',
    join(ROOT, '.dependency-cruiser.cjs'),
    '--output-type',
    'err',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: directory, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const exported = 'export const thing = 1;\n';
const importing = (path: string) => `import { thing } from '${path}';\nexport const other = thing;\n`;

describe('the import rules', () => {
  it.each([
    ['a service that imports an adapter', 'services/gateway/src/a.ts', 'packages/storage/src/b.ts'],
    ['a service that imports another', 'services/gateway/src/a.ts', 'services/model/src/b.ts'],
    ['contracts that import anything of ours', 'packages/contracts/src/a.ts', 'packages/ports/src/b.ts'],
    ['the page that imports the platform', 'apps/web/src/a.ts', 'packages/platform/src/b.ts'],
    ['an app that imports another', 'apps/cli/src/a.ts', 'apps/gateway/src/b.ts'],
    ['a test that imports an app', 'packages/stack/src/a.test.ts', 'apps/gateway/src/b.ts'],
    ['a process that imports what is for tests', 'apps/gateway/src/a.ts', 'packages/testing/src/b.ts'],
    ['a folder that nobody has listed', 'packages/brand-new/src/a.ts', 'packages/contracts/src/b.ts'],
  ])('catch %s', (_case, from, to) => {
    const path = `${'../'.repeat(from.split('/').length - 1)}${to}`;
    const { status, output } = check({ [from]: importing(path), [to]: exported });
    expect(output).toContain(`${from} → `);
    expect(status).not.toBe(0);
  });

  it('catch the import of a type too', () => {
    const typeOnly = "import type { Thing } from '../../../packages/storage/src/b.ts';\nexport const other: Thing = 1;\n";
    const { output } = check({
      'services/model/src/a.ts': typeOnly,
      'packages/storage/src/b.ts': 'export type Thing = number;\n',
    });
    expect(output).toContain('services/model/src/a.ts → ');
  });

  it('catch what a process does without, however far away it is imported', () => {
    const { output } = check({
      'apps/cli/src/a.ts': importing('../../../packages/api-client/src/b.ts'),
      'packages/api-client/src/b.ts': "import { Client } from 'undici';\nexport const thing = Client;\n",
    });
    expect(output).toContain('apps/cli does not load');
  });

  it('catch a circle', () => {
    const { output } = check({
      'packages/ports/src/a.ts': importing('./b.ts'),
      'packages/ports/src/b.ts': importing('./a.ts').replace(/thing/g, 'other'),
    });
    expect(output).toContain('no import cycles');
  });

  it('let through what is allowed', () => {
    const { status, output } = check({
      'services/gateway/src/a.ts': importing('../../../packages/ports/src/b.ts'),
      'packages/ports/src/b.ts': exported,
    });
    expect(output).toContain('no dependency violations found');
    expect(status).toBe(0);
  });
});
