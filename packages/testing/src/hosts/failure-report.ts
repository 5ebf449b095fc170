import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { type FailureReport, renderFailureTable } from './failure-table.ts';
import type { FailureResult } from './run-failure-case.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const RESULTS = join(import.meta.dirname, 'failure-results.json');
const PAGE = join(ROOT, 'docs/operations/failures.md');
const TABLE = /(?<=<!-- failure-table -->\s+)\|[\s\S]*?(?=\s+<!-- \/failure-table -->)/;

export const readFailureReport = (): FailureReport => JSON.parse(readFileSync(RESULTS, 'utf8')) as FailureReport;

/** Returns the table of the documentation. */
export const readDocumentedTable = (): string => TABLE.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '';

/** Writes the results of all cases, and their table in the documentation. */
export function writeFailureReport(results: readonly FailureResult[], failureSeconds: number): void {
  const report: FailureReport = {
    measured_at: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim(),
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    failure_s: failureSeconds,
    results: results.map(({ failures: _, ...result }) => result),
  };
  writeFileSync(RESULTS, `${JSON.stringify(report, null, 2)}\n`);
  writeDocumentedTable(report);
}

/** Replaces the table of the documentation. */
export function writeDocumentedTable(report: FailureReport): void {
  const page = readFileSync(PAGE, 'utf8').replace(TABLE, () => renderFailureTable(report));
  writeFileSync(PAGE, page);
}
