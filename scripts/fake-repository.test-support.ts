import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export interface ToolRun {
  readonly tool: string;
  readonly args: string[];
  /** The version of Node that ran the tool. */
  readonly version: string;
  /** The file that `node` resolves to in the tool's PATH. */
  readonly nodePath: string;
  /** The signals that the tool received. */
  readonly signals?: string[];
}

export interface FakeRepository {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  write(path: string, content: string): void;
  has(path: string): boolean;
  /** Sets the exit code of a tool's later runs. */
  exitWith(tool: string, code: number): void;
  /** Returns the runs of the tools so far, in order, e.g. of `npm`, `vite` and `bundle`. */
  runs(): ToolRun[];
  remove(): void;
}

/** Copies the scripts and the Makefile into a folder where npm, the tools and the CLI only record their runs. */
export function createFakeRepository(): FakeRepository {
  const root = mkdtempSync(join(tmpdir(), 'prodigon-setup-'));
  const log = join(root, 'runs.log');
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  cpSync(join(ROOT, 'scripts'), join(root, 'scripts'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  cpSync(join(ROOT, 'Makefile'), join(root, 'Makefile'));
  const bundleModule = 'packages/stack/src/app-bundle.mjs';
  write(bundleModule, readFileSync(join(ROOT, bundleModule), 'utf8'));
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/one': { version: '1.0.0' } } }));
  for (const source of ['apps/web/src/main.tsx', 'packages/contracts/src/index.ts', 'packages/api-client/src/index.ts'])
    write(source, '1');
  for (const app of ['gateway', 'model', 'worker', 'lab', 'monolith', 'cli'])
    write(`apps/${app}/src/main.ts`, toolSource(app, log));
  write('apps/cli/bin/prodigon.mjs', `${asModule}${toolSource('prodigon', log)}`);
  write('scripts/bundle-apps.mjs', `${asModule}${toolSource('bundle', log, bundleSource)}`);
  write('scripts/check-protobuf.mjs', `${asModule}${toolSource('check-protobuf', log)}`);
  write('fake-tools/npm.js', toolSource('npm', log, installSource(log)));
  symlinkSync(process.execPath, join(root, 'fake-tools', 'node'));

  return {
    root,
    env: { PATH: `${join(root, 'fake-tools')}:${process.env.PATH}`, npm_execpath: join(root, 'fake-tools', 'npm.js') },
    write,
    has: (path) => existsSync(join(root, path)),
    exitWith: (tool, code) => write(`${tool}.code`, String(code)),
    runs: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as ToolRun)
        : [],
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

const asModule = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n";

/** Returns the source of a tool that records its run. `prodigon start` and the Vite server run until a signal ends them. */
function toolSource(tool: string, log: string, more = ''): string {
  return `
const { appendFileSync, existsSync, readFileSync, realpathSync } = require('node:fs');
const { delimiter, dirname, join } = require('node:path');
const log = ${JSON.stringify(log)};
const args = process.argv.slice(2);
const write = (more) => appendFileSync(log, JSON.stringify({ tool: ${JSON.stringify(tool)}, args, ...more }) + '\\n');
const codePath = dirname(log) + '/${tool}.code';
const exit = () => process.exit(existsSync(codePath) ? Number(readFileSync(codePath, 'utf8')) : 0);
const nodePath = process.env.PATH.split(delimiter).map((folder) => join(folder, 'node')).find((path) => existsSync(path));
write({ version: process.version, nodePath: realpathSync(nodePath) });
${more}
if ((${JSON.stringify(tool)} === 'prodigon' && args[0] === 'start') || (${JSON.stringify(tool)} === 'vite' && args[0] !== 'build')) {
  const signals = [];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { signals.push(signal); write({ signals }); exit(); });
  setInterval(() => {}, 1e6);
  process.stdout.write('${tool} runs\\n');
} else exit();
`;
}

/** Writes fake bundles and the records of their inputs. */
const bundleSource = `
const { mkdirSync, writeFileSync } = require('node:fs');
const { writeInputs } = await import('../packages/stack/src/app-bundle.mjs');
for (const app of existsSync(codePath) ? [] : args) {
  const folder = join(dirname(log), 'apps', app, 'dist');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'main.mjs'), readFileSync(join(folder, '../src/main.ts')));
  writeInputs(dirname(log), folder, [join('apps', app, 'src/main.ts'), 'package-lock.json']);
}
`;

/** Returns the source of a fake `npm install`, which writes the tools and npm's record. */
function installSource(log: string): string {
  const tools = ['tsc', 'biome', 'depcruise', 'knip', 'vitest'];
  const files: Record<string, string> = Object.fromEntries(tools.map((tool) => [tool, toolSource(tool, log)]));
  files.vite = toolSource(
    'vite',
    log,
    "if (args[0] === 'build') { require('node:fs').mkdirSync('dist', { recursive: true }); require('node:fs').writeFileSync('dist/index.html', 'page'); }",
  );
  return `
if (existsSync(codePath)) { console.error('npm error of the test'); exit(); }
const { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
mkdirSync('node_modules/.bin', { recursive: true });
for (const [tool, source] of Object.entries(${JSON.stringify(files)})) writeFileSync('node_modules/.bin/' + tool, source);
rmSync('node_modules/.bin/node', { force: true });
symlinkSync(${JSON.stringify(process.execPath)}, 'node_modules/.bin/node');
cpSync('package-lock.json', 'node_modules/.package-lock.json');
`;
}
