import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['apps', 'bench', 'infra', 'packages', 'scripts', 'services', 'workshop'];
const SKIPPED = new Set(['node_modules', 'dist']);
const PROJECT_BY_NAME = [
  [/\.(system|matrix)\.test\.ts$|\/e2e\/.*\.test\.ts$/, 'system'],
  [/\.test\.tsx?$/, 'unit'],
];

/** The projects of `npm run test:all`. */
export const ALL_PROJECTS = ['unit', 'system', 'matrix'];

/**
 * Returns the projects of vitest.config.ts that `npm test` runs: the projects of the files that `args` select, otherwise
 * unit and system tests. Only `npm run test:all` runs the project `matrix`, the rest of the test matrix.
 * @param {string} root
 * @param {string[]} args of vitest
 * @returns {string[]}
 */
export function testProjects(root, args) {
  const filters = args.filter((arg) => !arg.startsWith('-'));
  const selected = new Set(
    FOLDERS.flatMap((folder) => testFiles(join(root, folder), folder))
      .filter((file) => filters.some((filter) => file.includes(filter)))
      .map(projectOf),
  );
  return selected.size > 0 ? [...selected].sort().reverse() : ['unit', 'system'];
}

function projectOf(file) {
  return PROJECT_BY_NAME.find(([name]) => name.test(file))[1];
}

function testFiles(directory, path) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : testFiles(join(directory, entry.name), child);
    // Commands of their own run the other tests.
    return /(?<!\.(?:clients|deploy|workshop))\.test\.tsx?$/.test(entry.name) ? [child] : [];
  });
}
