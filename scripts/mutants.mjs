import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { ROOT } from './lib/root.mjs';

/**
 * Samples mutants of services and packages with a seed: flipped comparisons, removed statements, changed numbers and so
 * on. Runs the in-process tests that import the mutated file and prints the result of each mutant.
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    under: { type: 'string', multiple: true, default: ['services', 'packages'] },
  },
});

/** For a mutant that never ends. The tests take seconds on an idle machine and a minute on a busy one. */
const TIMEOUT_MS = 300_000;
const COMPARISONS = new Map([
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['===', '!=='],
  ['!==', '==='],
  ['&&', '||'],
  ['||', '&&'],
  ['+', '-'],
  ['-', '+'],
  ['*', '/'],
  ['/', '*'],
]);
const METHODS = new Map([
  ['ceil', 'floor'],
  ['floor', 'ceil'],
  ['round', 'floor'],
  ['min', 'max'],
  ['max', 'min'],
  ['some', 'every'],
  ['every', 'some'],
]);

/** @typedef {{ file: string, line: number, start: number, end: number, original: string, replacement: string }} Mutant */

/** @param {string} file @returns {Mutant[]} */
function createMutants(file) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  /** @type {Mutant[]} */
  const mutants = [];
  /** @param {import('typescript').Node} node @param {string} replacement */
  const add = (node, replacement) => {
    const start = node.getStart(source);
    const end = node.getEnd();
    const { line } = source.getLineAndCharacterOfPosition(start);
    mutants.push({ file, line: line + 1, start, end, original: text.slice(start, end), replacement });
  };
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(source);
      const flipped = COMPARISONS.get(operator);
      const isText =
        operator === '+' && [node.left, node.right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side));
      if (flipped && !isText) add(node.operatorToken, flipped);
      if (operator === '??') add(node, node.left.getText(source));
    } else if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const condition = ts.isIfStatement(node) ? node.expression : node.condition;
      add(condition, `!(${condition.getText(source)})`);
    } else if (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression)) {
      add(node, ';');
    } else if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent.parent ?? node)) {
      add(node, String(Number(node.text.replaceAll('_', '')) + 1));
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      if (!ts.isLiteralTypeNode(node.parent)) add(node, node.kind === ts.SyntaxKind.TrueKeyword ? 'false' : 'true');
    } else if (ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.parent) && node.parent.expression === node) {
      const swapped = METHODS.get(node.name.text);
      if (swapped) add(node.name, swapped);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

/** Returns a seeded generator of numbers from 0 to 1 (mulberry32). @param {number} seed */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @template Item @param {Item[]} items @param {number} count @param {() => number} random */
function drawSample(items, count, random) {
  const remaining = [...items];
  const drawn = [];
  while (drawn.length < count && remaining.length > 0)
    drawn.push(...remaining.splice(Math.floor(random() * remaining.length), 1));
  return drawn;
}

/** Returns the source files of these folders, without tests. @param {string[]} folders */
async function sourceFiles(folders) {
  const { output } = await run('git', ['ls-files', ...folders.map((folder) => `${folder}/**/*.ts`)]);
  return output
    .split('\n')
    .filter((file) => file !== '' && !/\.test(?:-support)?\.ts$|\/migrations\/|^packages\/testing\/|\/recorded-/.test(file));
}

/** @param {string} command @param {string[]} args @param {Record<string, string>} env */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (output += part));
    // Kill the process group, because vitest runs tests in child processes.
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), TIMEOUT_MS);
    child.once('error', reject).once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** @typedef {'killed' | 'timed out' | 'survived' | 'not covered'} Result */

/**
 * Runs the tests of the mutant's own package first: they are the nearest, and kill most.
 * @param {Mutant} mutant
 * @returns {Promise<Result>}
 */
async function test(mutant) {
  const near = await runTests(mutant, mutant.file.split('/').slice(0, 2).join('/'));
  if (near === 'killed' || near === 'timed out') return near;
  const all = await runTests(mutant);
  return all === 'not covered' ? near : all;
}

/**
 * @param {Mutant} mutant
 * @param {string} folder whose tests run; by default all
 * @returns {Promise<Result>}
 */
async function runTests({ file, start, end, replacement }, folder = '') {
  const vitest = [join(ROOT, 'node_modules/.bin/vitest'), 'related', file, '--run', '--bail', '1'];
  const { code, output } = await run(process.execPath, [...vitest, '--config', 'vitest.mutants.config.ts'], {
    PRODIGON_MUTATION: JSON.stringify({ file: join(ROOT, file), start, end, replacement }),
    PRODIGON_MUTATION_TESTS: folder,
  });
  if (/No test files found/.test(output)) return 'not covered';
  if (code === null) return 'timed out';
  return code === 0 ? 'survived' : 'killed';
}

const random = createRandom(Number(values.seed));
const files = await sourceFiles(values.under);
const sample = drawSample(files.flatMap(createMutants), Number(values.count), random);
const results = new Map();
const queue = [...sample];
await Promise.all(
  Array.from({ length: Math.max(1, availableParallelism() - 1) }, async () => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const result = await test(mutant);
      results.set(mutant, result);
      console.log(`${String(results.size).padStart(3)}/${sample.length} ${result.padEnd(11)} ${describe(mutant)}`);
    }
  }),
);
// A mutant that never ends is noticed, too.
const killed = [...results.values()].filter((result) => result === 'killed' || result === 'timed out').length;
console.log(`\n${killed} of ${sample.length} mutants killed (seed ${values.seed}, ${files.length} files).`);

/** @param {Mutant} mutant */
function describe({ file, line, original, replacement }) {
  const short = (/** @type {string} */ text) => (text.length > 60 ? `${text.slice(0, 57)}...` : text).replaceAll('\n', ' ');
  return `${relative('.', file)}:${line} ${short(original)} → ${short(replacement)}`;
}
