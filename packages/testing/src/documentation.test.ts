import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ERROR_CODES } from '@prodigon/contracts';
import { createHeadingSlugger } from '@prodigon/contracts/markdown';
import { describe, expect, it } from 'vitest';
import { DOCUMENTS, proseOf, ROOT, read } from './documents.test-support.ts';

/** Pages that name what no longer exists, or must not exist. */
const HISTORY = ['CHANGELOG.md', 'docs/contributing/moved-tests.md', 'docs/contributing/test-times.md'];
/** Shows a picture in one theme only, on GitHub and in the web UI. */
const THEME_FRAGMENT = /#gh-(?:light|dark)-mode-only$/;
const FORBIDDEN_NAMES = 'docs/contributing/naming.md';

const current = DOCUMENTS.filter((path) => !HISTORY.includes(path));
const inlineCode = (path: string) => [...proseOf(read(path)).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

function anchorsOf(path: string): Set<string> {
  const slug = createHeadingSlugger();
  const headings = [...proseOf(read(path)).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading.replace(/[`*]/g, ''));
  return new Set(headings.map(slug));
}

describe.each(DOCUMENTS)('%s', (path) => {
  it('contains no broken links', () => {
    const links = [...proseOf(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link.replace(THEME_FRAGMENT, ''))
      .filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !(statSync(join(ROOT, target)).isFile() && anchorsOf(target).has(anchor));
    });
    expect(broken).toEqual([]);
  });
});

it('the documentation names only files that exist', () => {
  /** A name that an example must avoid, and a file that the build writes. */
  const otherNames = ['openai.py', 'main.mjs'];
  const isPath = (code: string) =>
    /^[\w@-][\w.@-]*(?:\/[\w.@-]+)*\.(?:tsx?|[cm]?js|json|ya?ml|md|sh|py|sql)$/.test(code) ||
    /^(?:apps|services|packages|bench|config|scripts|docs)\/[\w./-]*$/.test(code);
  const baseNames = new Set(filesOf('').map((path) => basename(path)));
  const missing = current.flatMap((path) =>
    inlineCode(path)
      .filter((code) => isPath(code) && !otherNames.includes(code))
      .filter((code) => {
        const isPlace = code.includes('/');
        // The copy of a learner has the files of the starter.
        const places = [code, join(dirname(path), code), join(dirname(path), code.replace(/^my\/\d\d\//, 'starter/'))];
        return isPlace ? !places.some((one) => existsSync(join(ROOT, one))) : !baseNames.has(code);
      })
      .map((code) => `${path}: ${code}`),
  );
  expect(missing).toEqual([]);
});

it('the documentation names only variables that exist', () => {
  /** Variables of tests, examples and Node, options of sockets, and names of the HTTP/2 and gRPC protocols. */
  const otherNames =
    `BASE_URL PRODIGON_API_KEY PRODIGON_SERVICE_USER ACME_API_KEY NODE_COMPILE_CACHE NODE_OPTIONS PRODIGON_FAILURE_CASES FUZZ_SEED FUZZ_CASES
    NAME_FILE RST_STREAM END_STREAM NO_ERROR INVALID_ARGUMENT PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION
    ALREADY_EXISTS OUT_OF_RANGE DATA_LOSS SO_REUSEPORT SCHED_NONE`.split(/\s+/);
  const compose = ['compose.yaml', 'compose.tls.yaml', 'compose.observability.yaml', 'scripts/containers.sh'].map(read);
  const declared = [read('.env.example'), read('config/models.yaml'), ...compose]
    .join('\n')
    .match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g);
  const known = new Set([...(declared ?? []), ...Object.keys(ERROR_CODES), ...otherNames]);
  const unknown = current
    .filter((path) => path !== FORBIDDEN_NAMES)
    .flatMap((path) =>
      inlineCode(path)
        .flatMap((code) => code.match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? [])
        .filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, '')))
        .map((name) => `${path}: ${name}`),
    );
  expect(unknown).toEqual([]);
});

it('the documentation names only commands and benchmarks that exist', () => {
  const { scripts } = JSON.parse(read('package.json'));
  const benchmarks = read('bench/main.ts');
  const tasks = filesOf('').filter((path) => basename(path) === 'task.json');
  const checks = tasks.flatMap((path) => JSON.parse(read(path)).stages.flatMap((stage: { checks: string[] }) => stage.checks));
  const exists = (command: string) => {
    const [tool, ...parameters] = command.split(' ');
    const name = parameters.at(-1) ?? '';
    if (tool === '--only')
      return [...checks, 'gateway', 'model', 'worker'].includes(name) || new RegExp(`^ {2}'?${name}'?:`, 'm').test(benchmarks);
    if (tool === 'npm') return name in scripts || command === 'npm config' || command === 'npm ci';
    if (tool === 'make') return new RegExp(`^${name}:`, 'm').test(read('Makefile'));
    return name === '--help' || existsSync(join(ROOT, 'apps/cli/src/commands', `${name}.ts`));
  };
  const pattern = /`(npm (?:run )?[a-z]+|(?:\.\/)?prodigon [a-z][a-z-]*|make [a-z-]+)|(--only [a-z-]+)/g;
  const unknown = current.flatMap((path) =>
    [...proseOf(read(path)).matchAll(pattern)]
      .map(([, command, part]) => command ?? part ?? '')
      .filter((command) => !exists(command))
      .map((command) => `${path}: ${command}`),
  );
  expect(unknown).toEqual([]);
});

/** Returns the files of the repository that are neither installed, built nor hidden. */
function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return /^(?:\.|node_modules$|dist$)/.test(entry.name) ? [] : filesOf(path);
    return [path];
  });
}
