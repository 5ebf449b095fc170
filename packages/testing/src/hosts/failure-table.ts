import type { RequestResult } from './client-load.ts';
import type { FailureResult, ResultCounts } from './run-failure-case.ts';

/** The committed results of all cases. */
export interface FailureReport {
  readonly node: string;
  readonly cpu: string;
  /** Seconds that each failure lasts. */
  readonly failure_s: number;
  readonly results: readonly (Omit<FailureResult, 'failures'> & { readonly measured_at: string; readonly commit: string })[];
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

type Result = FailureReport['results'][number];

/** Renders one row for each kind of failure. Counts are sums over its cases, and times the worst of them. */
export function renderFailureTable({ results }: Pick<FailureReport, 'results'>): string {
  const rows = KINDS.flatMap(([title, pattern]) => {
    const cases = results.filter((result) => pattern.test(result.title));
    return cases.length === 0 ? [] : [toRow(title, cases)];
  });
  return [
    '| Failure | Cases | Streams | Short requests | Reads of jobs | Slowest first text | Provider calls repeated | Job | Green after |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function toRow(title: string, cases: readonly Result[]): string {
  const worst = (read: (result: Result) => number) => `${Math.max(...cases.map(read), 0).toFixed(1)} s`;
  const sum = (read: (result: Result) => number) => cases.reduce((total, result) => total + read(result), 0);
  const repeats = { streams: 'streams', requests: 'requests', items: 'prompts of the job' } as const;
  const repeated = Object.entries(repeats)
    .map(([kind, label]) => [sum(({ repeated_calls }) => repeated_calls[kind as keyof typeof repeats]), label] as const)
    .filter(([count]) => count > 0)
    .map(([count, label]) => `${count} ${label}`);
  const cells = [
    title,
    cases.length,
    toText(cases.map(({ streams }) => streams)),
    toText(cases.map(({ requests }) => requests)),
    toText(cases.map(({ reads }) => reads)),
    worst(({ first_text_s_max }) => first_text_s_max),
    repeated.join(', ') || 'none',
    `${sum(({ job }) => job.lost)} lost, ${sum(({ job }) => job.doubled)} twice`,
    worst(({ green_s }) => green_s),
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
