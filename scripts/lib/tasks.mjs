import { join } from 'node:path';
import { CHECKS } from './checks.mjs';
import { installPackages } from './install.mjs';
import { findNode, withNodeFirst } from './pinned-node.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';
import { testProjects } from './test-projects.mjs';
import { buildPage } from './web-build.mjs';

const PRODIGON = 'apps/cli/bin/prodigon.mjs';

/**
 * Every task gets the Node to run on and its arguments, and returns an exit code.
 * @type {Record<string, {summary: string, needs: 'packages' | 'page', run: (node: string, args: string[]) => Promise<number>}>}
 */
const TASKS = {
  setup: { summary: 'install the packages and build the page', needs: 'page', run: async () => 0 },
  install: { summary: 'install the packages', needs: 'packages', run: async () => 0 },
  build: { summary: 'build the page', needs: 'page', run: async () => 0 },
  start: { summary: 'start the platform', needs: 'page', run: (node, args) => run(node, PRODIGON, ['start', ...args]) },
  dev: { summary: 'the platform and the page, both renewed when their source changes', needs: 'packages', run: develop },
  gateway: { summary: 'the gateway alone', needs: 'page', run: (node) => run(node, 'apps/gateway/src/main.ts') },
  model: { summary: 'the model service alone', needs: 'packages', run: (node) => run(node, 'apps/model/src/main.ts') },
  worker: {
    summary: 'the worker alone, with the database when none is configured',
    needs: 'packages',
    run: (node, args) => run(node, PRODIGON, ['start', '--only', 'worker', ...args]),
  },
  web: { summary: 'the page alone, for development', needs: 'packages', run: (node, args) => runVite(node, args) },
  test: { summary: 'run the tests', needs: 'packages', run: (node, args) => test(node, args, testProjects(ROOT, args)) },
  'test:all': {
    summary: 'run the tests and the whole test matrix',
    needs: 'packages',
    run: (node, args) => test(node, args, []),
  },
  bench: { summary: 'measure, beside peers', needs: 'page', run: (node, args) => run(node, 'bench/main.ts', args) },
  soak: {
    summary: 'mixed load and kills for some time',
    needs: 'page',
    run: (node, args) => run(node, 'bench/soak/main.ts', args),
  },
  check: { summary: 'types, style, import rules, unused code', needs: 'packages', run: check },
};

/**
 * @param {string} name
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
export async function runTask(name, args) {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (!task) {
    console.error(
      `node scripts/setup.mjs <task>\n\n${Object.entries(TASKS)
        .map(([task, { summary }]) => `  ${task.padEnd(9)}${summary}`)
        .join('\n')}`,
    );
    return name === 'help' ? 0 : 2;
  }
  const installed = await installPackages(ROOT);
  if (installed !== 0) return installed;
  const node = findNode(ROOT);
  if (node === null) {
    console.error(`Prodigon runs on Node 24 or later, and this is ${process.version}. Install Node 24 and try again.`);
    return 1;
  }
  if (task.needs === 'page') {
    const built = await buildPage(ROOT, node);
    if (built !== 0) return built;
  }
  return task.run(node, args);
}

/** Runs a script of the repository on this Node, which its own children find as `node` too. */
function run(node, script, args = [], options = {}) {
  return runChild(node, [join(ROOT, script), ...args], { cwd: ROOT, env: withNodeFirst(node), ...options });
}

function runVite(node, args, options = {}) {
  // Vite itself does not read `.env` for its own settings, and the page has to find the gateway's port.
  const vite = ['--env-file-if-exists', join(ROOT, '.env'), join(ROOT, 'node_modules/.bin/vite')];
  // By number: the name that Vite listens on otherwise means 127.0.0.1 on some machines and ::1 on others.
  const host = args.includes('--host') ? [] : ['--host', '127.0.0.1'];
  return runChild(node, [...vite, ...host, ...args], { cwd: join(ROOT, 'apps/web'), env: withNodeFirst(node), ...options });
}

/** Only unit tests do without the web UI. No `projects` are all of them, unless `args` name one. */
async function test(node, args, projects) {
  const isUnitOnly = projects.length === 1 && projects[0] === 'unit';
  const built = isUnitOnly ? 0 : await buildPage(ROOT, node);
  if (built !== 0) return built;
  return run(node, 'node_modules/.bin/vitest', ['run', ...projects.flatMap((name) => ['--project', name]), ...args]);
}

/** Both belong together: when one ends, the other is asked to. */
async function develop(node, args) {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const running = [run(node, PRODIGON, ['start', '--watch', ...args], options), runVite(node, [], options)];
  const first = await Promise.race(running);
  stop.abort();
  await Promise.all(running);
  return first;
}

/** All of them, so that one round of repairs is enough. */
async function check(node) {
  let failed = 0;
  for (const { script, args, what } of CHECKS) {
    console.log(`\n${what}`);
    if ((await run(node, script, args)) !== 0) failed += 1;
  }
  console.log(failed === 0 ? '\nAll checks passed.' : `\n${failed} of ${CHECKS.length} checks failed.`);
  return failed === 0 ? 0 : 1;
}
