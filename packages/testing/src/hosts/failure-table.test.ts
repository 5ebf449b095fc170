import { expect, it } from 'vitest';
import { FAILURE_CASES, titleOf } from './failure-cases.ts';
import { readDocumentedTable, readFailureReport } from './failure-report.ts';
import { renderFailureTable } from './failure-table.ts';

it('the documentation shows the committed results of every case', () => {
  const report = readFailureReport();
  expect(report.results.map(({ title }) => title)).toEqual(FAILURE_CASES.map(titleOf));
  expect(readDocumentedTable()).toBe(renderFailureTable(report));
});
