import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export interface ToolRun {
  readonly tool: string;
  readonly args: string[];
  /** Of the Node that ran the tool, and of the one that it finds by name. */
  readonly version: string;
  readonly versionByName: string;
  /** Signals that reached it. */
  readonly signals?: string[];
}

export interface MiniRepository {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  write(path: string, content: string): void;
  has(path: string): boolean;
  /** What this tool exits with from now on. */
  exitWith(tool: string, code: number): void;
  /** Which tools have run so far, in order, e.g. `npm`, `vite`, `vitest`. */
  runs(): ToolRun[];
  remove(): void;
}

/** The real scripts and Makefile in a folder where npm, the tools and the command line only write down that they ran. */
export function createMiniRepository(): MiniRepository {
  const root = mkdtempSync(join(tmpdir(), 'prodigon-setup-'));
  const log = join(root, 'runs.log');
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  cpSync(join(ROOT, 'scripts'), join(root, 'scripts'), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  cpSync(join(ROOT, 'Makefile'), join(root, 'Makefile'));
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/one': { version: '1.0.0' } } }));
  for (const source of ['apps/web/src/main.tsx', 'packages/contracts/src/index.ts', 'packages/api-client/src/index.ts'])
    write(source, '1');
  for (const app of ['gateway', 'model']) write(`apps/${app}/src/main.ts`, toolSource(app, log));
  write('apps/cli/bin/prodigon.mjs', `${asModule}${toolSource('prodigon', log)}`);
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

/** Writes down that it ran. `start` and a bare `vite` go on until a signal ends them. */
function toolSource(tool: string, log: string, more = ''): string {
  return `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const { execFileSync } = require('node:child_process');
const { dirname } = require('node:path');
const log = ${JSON.stringify(log)};
const args = process.argv.slice(2);
const write = (more) => appendFileSync(log, JSON.stringify({ tool: ${JSON.stringify(tool)}, args, ...more }) + '\\n');
const codePath = dirname(log) + '/${tool}.code';
const exit = () => process.exit(existsSync(codePath) ? Number(readFileSync(codePath, 'utf8')) : 0);
write({ version: process.version, versionByName: execFileSync('node', ['--version'], { encoding: 'utf8' }).trim() });
${more}
if ((${JSON.stringify(tool)} === 'prodigon' && args[0] === 'start') || (${JSON.stringify(tool)} === 'vite' && args[0] !== 'build')) {
  const signals = [];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { signals.push(signal); write({ signals }); exit(); });
  setInterval(() => {}, 1e6);
  process.stdout.write('${tool} runs\\n');
} else exit();
`;
}

/** What `npm install` leaves behind: its record and the tools. */
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
