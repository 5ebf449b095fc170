import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { FAILURE_CASES, titleOf } from './failure-cases.ts';
import { type FailureReport, renderFailureTable } from './failure-table.ts';
import type { FailureResult } from './run-failure-case.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const RESULTS = join(import.meta.dirname, 'failure-results.json');
const PAGE = join(ROOT, 'docs/operations/failures.md');
const TABLE = /(?<=<!-- failure-table -->\s+)\|[\s\S]*?(?=\s+<!-- \/failure-table -->)/;

export const readFailureReport = (): FailureReport => JSON.parse(readFileSync(RESULTS, 'utf8')) as FailureReport;

/** Returns the table of the documentation. */
export const readDocumentedTable = (): string => TABLE.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '';

/** Writes the result of one case, and the table in the documentation. The results of other cases stay. */
export function writeFailureResult({ failures: _, ...result }: FailureResult, failureSeconds: number): void {
  const commit = execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const measured = { ...result, measured_at: new Date().toISOString(), commit };
  const known = existsSync(RESULTS) ? readFailureReport().results : [];
  const results = FAILURE_CASES.flatMap((failure) => {
    const title = titleOf(failure);
    return title === measured.title ? [measured] : known.filter((each) => each.title === title);
  });
  const cpu = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
  const report: FailureReport = { node: process.version, cpu, failure_s: failureSeconds, results };
  writeFileSync(RESULTS, `${JSON.stringify(report, null, 2)}\n`);
  writeDocumentedTable(report);
}

/** Replaces the table of the documentation. */
export function writeDocumentedTable(report: FailureReport): void {
  const page = readFileSync(PAGE, 'utf8').replace(TABLE, () => renderFailureTable(report));
  writeFileSync(PAGE, page);
}
