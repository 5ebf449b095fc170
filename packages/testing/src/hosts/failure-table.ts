import type { RequestResult } from './client-load.ts';
import type { FailureResult, ResultCounts } from './run-failure-case.ts';

/** The committed results of all cases. */
export interface FailureReport {
  readonly measured_at: string;
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  /** Seconds that each failure lasts. */
  readonly failure_s: number;
  readonly results: readonly Omit<FailureResult, 'failures'>[];
}

/** Kinds of cases in the order of the table, by a pattern of their titles. */
const KINDS: readonly (readonly [title: string, pattern: RegExp])[] = [
  ['Link client – gateway', /^link client /],
  ['Link gateway – model service', /^link gateway-\d – model/],
  ['Link gateway – worker', /^link gateway-\d – worker/],
  ['Link gateway – gateway', /^link gateway-\d – gateway/],
  ['Link worker – model service', /^link worker-\d – model/],
  ['Link worker – PostgreSQL', /^link worker-\d – postgres/],
  ['Link model service – PostgreSQL', /^link model-\d – postgres/],
  ['Link model service – provider', /^link model-\d – provider/],
  ['Host of a gateway', /^host gateway/],
  ['Host of a model service', /^host model/],
  ['Host of a worker', /^host worker/],
  ['Host of PostgreSQL', /^host postgres/],
];

const RESULTS: readonly RequestResult[] = ['complete', 'interrupted', 'silent', 'rejected', 'unreachable', 'wrong'];

/** Renders one row for each kind of failure. Counts are sums over its cases, and times the worst of them. */
export function renderFailureTable({ results }: Pick<FailureReport, 'results'>): string {
  const rows = KINDS.flatMap(([title, pattern]) => {
    const cases = results.filter((result) => pattern.test(result.title));
    return cases.length === 0 ? [] : [toRow(title, cases)];
  });
  return [
    '| Failure | Cases | Streams | Short requests | Longest wait for the first text | Repeated provider calls | Job | Healthy again after |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function toRow(title: string, cases: FailureReport['results']): string {
  const worst = (valueOf: (result: FailureReport['results'][number]) => number) => Math.max(...cases.map(valueOf)).toFixed(1);
  const sum = (valueOf: (result: FailureReport['results'][number]) => number) =>
    cases.reduce((total, result) => total + valueOf(result), 0);
  const repeats = sum(({ repeated_calls: { streams, requests, items } }) => streams + requests + items);
  const lost = sum(({ job }) => job.lost);
  const doubled = sum(({ job }) => job.doubled);
  const cells = [
    title,
    cases.length,
    toText(cases.map(({ streams }) => streams)),
    toText(cases.map(({ requests }) => requests)),
    `${worst(({ first_text_s_max }) => first_text_s_max)} s`,
    repeats,
    `${lost} lost, ${doubled} doubled`,
    `${worst(({ green_s }) => Math.max(0, green_s))} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** E.g. `512 complete, 9 interrupted`. */
function toText(counts: readonly ResultCounts[]): string {
  return RESULTS.map((result) => [result, counts.reduce((sum, one) => sum + (one[result] ?? 0), 0)] as const)
    .filter(([result, count]) => count > 0 || result === 'complete')
    .map(([result, count]) => `${count} ${result}`)
    .join(', ');
}
