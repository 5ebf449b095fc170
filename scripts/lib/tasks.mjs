import { join, relative } from 'node:path';
import { findAppEntry } from '../../packages/stack/src/app-bundle.mjs';
import { buildAppBundles } from './app-bundles.mjs';
import { CHECKS } from './checks.mjs';
import { installPackages } from './install.mjs';
import { findNode, withNodeFirst } from './pinned-node.mjs';
import { ROOT } from './root.mjs';
import { runChild } from './run-child.mjs';
import { findStartProblem } from './start-arguments.mjs';
import { ALL_PROJECTS, testProjects } from './test-projects.mjs';
import { buildWebUi } from './web-build.mjs';

const PRODIGON = 'apps/cli/bin/prodigon.mjs';

/**
 * Each task receives the path of Node and its arguments, and returns an exit code. `needs` names its prerequisites: the
 * installed `packages`, also the app `bundles`, or a full `build` with the web UI. Two tasks must not build concurrently.
 * `findProblem` checks the arguments before the prerequisites.
 * @type {Record<string, {summary: string, needs: 'packages' | 'bundles' | 'build', findProblem?: (args: string[]) => string | undefined, run: (node: string, args: string[]) => Promise<number>}>}
 */
const TASKS = {
  setup: { summary: 'install the packages, build the web UI and bundle the apps', needs: 'build', run: async () => 0 },
  install: { summary: 'install the packages', needs: 'packages', run: async () => 0 },
  build: { summary: 'build the web UI and bundle the apps', needs: 'build', run: async () => 0 },
  start: {
    summary: 'start the platform',
    needs: 'build',
    findProblem: findStartProblem,
    run: (node, args) => run(node, PRODIGON, ['start', ...args]),
  },
  dev: {
    summary: 'run the platform and the web UI, restarting them when sources change',
    needs: 'packages',
    findProblem: findStartProblem,
    run: develop,
  },
  gateway: { summary: 'run the gateway alone', needs: 'build', run: (node) => run(node, entryOf('gateway')) },
  model: { summary: 'run the model service alone', needs: 'bundles', run: (node) => run(node, entryOf('model')) },
  worker: {
    summary: 'run the worker alone, with the database unless DATABASE_URL is set',
    needs: 'bundles',
    run: (node, args) => run(node, PRODIGON, ['start', '--only', 'worker', ...args]),
  },
  web: { summary: 'run the web UI alone, for development', needs: 'packages', run: (node, args) => runVite(node, args) },
  'fault-provider': {
    summary: 'run a model provider with one model for each fault',
    needs: 'packages',
    run: (node, args) => run(node, 'packages/testing/src/fault-provider/main.ts', args),
  },
  test: { summary: 'run the tests', needs: 'packages', run: (node, args) => test(node, args, testProjects(ROOT, args)) },
  'test:all': {
    summary: 'run the tests and the whole test matrix',
    needs: 'packages',
    run: (node, args) => test(node, args, args.includes('--project') ? [] : ALL_PROJECTS),
  },
  'test:clients': {
    summary: 'install clients of the API and run them against the platform',
    needs: 'packages',
    run: (node, args) => test(node, args, ['clients']),
  },
  'test:deploy': {
    summary: 'build the images, and test the platform in containers',
    needs: 'packages',
    run: (node, args) => run(node, 'node_modules/.bin/vitest', ['run', '--project', 'deploy', ...args]),
  },
  'test:workshop': {
    summary: 'run the experiments of the workshop repeatedly, and its checks with many seeds',
    needs: 'packages',
    run: (node, args) => test(node, args, ['workshop']),
  },
  'test:mutants': {
    summary: 'sample mutants over services and packages, and show which the tests miss',
    needs: 'packages',
    run: (node, args) => run(node, 'scripts/mutants.mjs', args),
  },
  bench: { summary: 'run the benchmarks', needs: 'build', run: (node, args) => run(node, 'bench/main.ts', args) },
  soak: {
    summary: 'run mixed load while processes are killed',
    needs: 'build',
    run: (node, args) => run(node, 'bench/soak/main.ts', args),
  },
  check: { summary: 'check types, style, import rules and unused code', needs: 'packages', run: check },
};

const entryOf = (app) => relative(ROOT, findAppEntry(ROOT, app));

/**
 * @param {string} name
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
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
  const problem = task.findProblem?.(args);
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const installed = await installPackages(ROOT);
  if (installed !== 0) return installed;
  const node = findNode(ROOT);
  if (node === null) {
    console.error(`Prodigon runs on Node 24 or later, and this is ${process.version}. Install Node 24 and try again.`);
    return 1;
  }
  const built = await prepare(task.needs, node);
  if (built !== 0) return built;
  return task.run(node, args);
}

async function prepare(needs, node) {
  if (needs === 'packages') return 0;
  const built = needs === 'build' ? await buildWebUi(ROOT, node) : 0;
  return built || buildAppBundles(ROOT, node);
}

/** Runs a script of the repository on this Node. Its child processes use the same Node. */
function run(node, script, args = [], options = {}) {
  return runChild(node, [join(ROOT, script), ...args], { cwd: ROOT, env: withNodeFirst(node), ...options });
}

function runVite(node, args, options = {}) {
  // Vite does not apply `.env` to its own configuration, which needs the port of the gateway.
  const vite = ['--env-file-if-exists', join(ROOT, '.env'), join(ROOT, 'node_modules/.bin/vite')];
  // Vite's default host, `localhost`, resolves to 127.0.0.1 on some machines and to ::1 on others.
  const host = args.includes('--host') ? [] : ['--host', '127.0.0.1'];
  return runChild(node, [...vite, ...host, ...args], { cwd: join(ROOT, 'apps/web'), env: withNodeFirst(node), ...options });
}

/** Runs the tests of `projects`, or all tests if it is empty. Builds first unless only unit tests run. */
async function test(node, args, projects) {
  const isUnitOnly = projects.length === 1 && projects[0] === 'unit';
  const built = isUnitOnly ? 0 : await prepare('build', node);
  if (built !== 0) return built;
  return run(node, 'node_modules/.bin/vitest', ['run', ...projects.flatMap((name) => ['--project', name]), ...args]);
}

/** Runs the platform and the web UI. When one of them ends, stops the other. */
async function develop(node, args) {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const running = [run(node, PRODIGON, ['start', '--watch', ...args], options), runVite(node, [], options)];
  const first = await Promise.race(running);
  stop.abort();
  await Promise.all(running);
  return first;
}

/** Runs every check, even after a failure. */
async function check(node) {
  let failed = 0;
  for (const { title, script, args } of CHECKS) {
    console.log(`\n${title}`);
    if ((await run(node, script, args)) !== 0) failed += 1;
  }
  console.log(failed === 0 ? '\nAll checks passed.' : `\n${failed} of ${CHECKS.length} checks failed.`);
  return failed === 0 ? 0 : 1;
}
