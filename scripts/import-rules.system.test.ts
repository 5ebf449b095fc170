import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

const exported = 'export const thing = 1;\n';
const importing = (path: string) => `import { thing } from '${path}';\nexport const other = thing;\n`;
const pathFrom = (from: string, to: string) => `${'../'.repeat(from.split('/').length - 1)}${to}`;

const FORBIDDEN: [title: string, from: string, to: string][] = [
  ['a service that imports an adapter', 'services/gateway/src/to-adapter.ts', 'packages/storage/src/one.ts'],
  ['a service that imports another', 'services/gateway/src/to-service.ts', 'services/model/src/one.ts'],
  ['contracts that import another package', 'packages/contracts/src/to-ports.ts', 'packages/ports/src/one.ts'],
  ['the web UI that imports the platform', 'apps/web/src/to-platform.ts', 'packages/platform/src/one.ts'],
  ['an app that imports another', 'apps/cli/src/to-app.ts', 'apps/gateway/src/one.ts'],
  ['a test that imports an app', 'packages/stack/src/to-app.test.ts', 'apps/gateway/src/one.ts'],
  ['a process that imports test support', 'apps/gateway/src/to-testing.ts', 'packages/testing/src/one.ts'],
  ['an unlisted folder', 'packages/brand-new/src/to-contracts.ts', 'packages/contracts/src/one.ts'],
];
const ALLOWED = 'services/gateway/src/to-ports.ts';

const FILES: Record<string, string> = {
  ...Object.fromEntries(FORBIDDEN.map(([, , to]) => [to, exported])),
  ...Object.fromEntries(FORBIDDEN.map(([, from, to]) => [from, importing(pathFrom(from, to))])),
  [ALLOWED]: importing(pathFrom(ALLOWED, 'packages/ports/src/one.ts')),
  'services/model/src/to-type.ts':
    "import type { Thing } from '../../../packages/storage/src/type.ts';\nexport type Other = Thing;\n",
  'packages/storage/src/type.ts': 'export type Thing = number;\n',
  'apps/cli/src/to-undici.ts': importing('../../../packages/api-client/src/undici.ts'),
  'packages/api-client/src/undici.ts': "import { Client } from 'undici';\nexport const thing = Client;\n",
  'services/model/src/to-vitest.ts': "import { vi } from 'vitest';\nexport const thing = vi;\n",
  'packages/ports/src/circle-a.ts': importing('./circle-b.ts'),
  'packages/ports/src/circle-b.ts': importing('./circle-a.ts').replace(/thing/g, 'other'),
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let violations: Violation[];
let status: number | null;

/** Creates a small tree with the layout of the repository, and checks it with the repository's rules. */
beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-imports-'));
  try {
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    for (const file of ['package.json', 'tsconfig.json']) symlinkSync(join(ROOT, file), join(directory, file));
    const folders = [...new Set(Object.keys(FILES).map((path) => path.split('/')[0] ?? ''))];
    const depcruise = join(ROOT, 'node_modules/.bin/depcruise');
    const args = [depcruise, ...folders, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type'];
    const run = (type: string) => spawnSync(process.execPath, [...args, type], { cwd: directory, encoding: 'utf8' });
    violations = JSON.parse(run('json').stdout).summary.violations;
    ({ status } = run('err'));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const violatedRules = (path: string) => violations.filter(({ from }) => from === path).map(({ rule }) => rule.name);

describe('the import rules', () => {
  it.each(FORBIDDEN)('rejects %s', (_title, from) => {
    expect(violatedRules(from)).not.toEqual([]);
  });

  it('rejects the import of a type', () => {
    expect(violatedRules('services/model/src/to-type.ts')).not.toEqual([]);
  });

  it('rejects a library that an app excludes, even as a transitive import', () => {
    expect(violatedRules('apps/cli/src/to-undici.ts')).toEqual([expect.stringContaining('apps/cli does not load')]);
  });

  it('rejects a development package outside tests', () => {
    expect(violatedRules('services/model/src/to-vitest.ts')).toEqual([expect.stringContaining('development packages')]);
  });

  it('rejects a circular import', () => {
    expect(violatedRules('packages/ports/src/circle-a.ts')).toContain('no import cycles');
  });

  it('fails the check when an import violates a rule', () => {
    expect(status).not.toBe(0);
  });

  it('allows a listed import', () => {
    expect(violatedRules(ALLOWED)).toEqual([]);
  });
});
