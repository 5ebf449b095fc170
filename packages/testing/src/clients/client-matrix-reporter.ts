import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestCase, Vitest } from 'vitest/node';
import { type Feature, lineOf, readMatrix, writeMatrix } from './client-matrix.ts';

const FOLDER = import.meta.dirname;

let isFiltered = false;
let isUpdate = false;

/**
 * Compares the matrix of clients in README.md with the results of `npm run test:clients`, and fails the run if they differ.
 * `--update` writes the matrix instead. Lines of clients that did not run stay as they are.
 */
export const clientMatrixReporter: Reporter = {
  onInit({ config }: Vitest) {
    isFiltered = config.testNamePattern !== undefined;
    isUpdate = config.snapshotOptions.updateSnapshot === 'all';
  },
  onTestRunEnd(modules) {
    const tests = modules.flatMap(({ children }) => [...children.allTests()]).filter((test) => test.meta().client);
    if (tests.length === 0) return;
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.clients.test.ts'));
    const isComplete = !isFiltered && files.every((name) => modules.some(({ moduleId }) => moduleId === join(FOLDER, name)));
    const documented = readMatrix();
    const lines = linesOf(tests, documented);
    const expected = isComplete ? lines : new Map([...documented, ...lines]);
    const outdated = [...new Set([...expected.keys(), ...documented.keys()])].filter(
      (client) => expected.get(client) !== documented.get(client),
    );
    if (outdated.length === 0) return;
    if (isUpdate) {
      writeMatrix(expected);
      process.stdout.write(`\nREADME.md now contains the results of ${outdated.join(', ')}.\n`);
      return;
    }
    const change = (client: string) =>
      `  - ${documented.get(client) ?? `(no line for ${client})`}\n  + ${expected.get(client) ?? `(${client} is not tested)`}`;
    process.stdout.write(
      `\nError: the matrix of clients in README.md differs from the results. Run npm run test:clients -- --update.\n${outdated.map(change).join('\n')}\n`,
    );
    process.exitCode = 1;
  },
};

/** Returns the line of each client. A client with skipped tests keeps its documented line. */
function linesOf(tests: readonly TestCase[], documented: ReadonlyMap<string, string>): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [client, own] of Map.groupBy(tests, (test) => test.meta().client?.name ?? '')) {
    const line = own.some((test) => test.result().state === 'skipped') ? documented.get(client) : resultOf(client, own);
    if (line !== undefined) lines.set(client, line);
  }
  return lines;
}

function resultOf(client: string, tests: readonly TestCase[]): string {
  const passed = tests.filter((test) => test.ok()).flatMap((test) => test.meta().client?.features ?? []);
  const version = tests.map((test) => test.meta().client?.version).find((found) => found !== undefined) ?? '?';
  return lineOf({ client, version, features: new Set<Feature>(passed) });
}
