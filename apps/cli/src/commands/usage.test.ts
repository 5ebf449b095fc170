import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsageReport, UsageRow, UsageSums } from '@prodigon/contracts';
import { expect, it, onTestFinished } from 'vitest';
import {
  type FakeResponse,
  jsonResponse,
  startFakeGateway,
} from '../../../../packages/api-client/src/fake-gateway.test-support.ts';
import { runInProcess } from '../run-prodigon.test-support.ts';

const SUMS: UsageSums = {
  ...{ requests: 2, failed: 1, cancelled: 0, estimated: 0, unpriced: 0 },
  ...{ prompt_tokens: 1_000, completion_tokens: 20, cost_usd: 0.5, attempts: 2 },
};
const rowOf = (changes: Partial<UsageRow>): UsageRow => ({
  ...{ day: '2026-03-10', provider: 'groq', model: 'large', owner_id: 'ada', ttft_p50_ms: null, ttft_p95_ms: null },
  ...SUMS,
  ...changes,
});
const reportOf = (...rows: UsageRow[]): FakeResponse =>
  jsonResponse({ from: '2026-03-01', to: '2026-03-31', rows, totals: SUMS } satisfies UsageReport);

/** Runs `prodigon usage …` against a gateway with this response. */
async function run(args: string[], ...responses: FakeResponse[]) {
  const { baseUrl, requests } = await startFakeGateway(...(responses.length > 0 ? responses : [reportOf(rowOf({}))]));
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-usage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { ended } = runInProcess(['usage', ...args, '--url', baseUrl], { DATA_DIR: folder }, { rootDirectory: folder });
  return { ...(await ended), lines: requests.map(({ line }) => line) };
}

it('shows the usage by day and model', async () => {
  const { stdout, lines } = await run([]);
  expect(lines).toEqual(['GET /api/v1/usage']);
  expect(stdout).toBe(
    [
      '  DAY         MODEL  REQUESTS  PROMPT TOKENS  COMPLETION TOKENS  COST     NOTES',
      '  2026-03-10  large  2         1,000          20                 $0.5000  1 failed',
      '  total              2         1,000          20                 $0.5000  1 failed\n',
    ].join('\n'),
  );
});

it('adds the columns of the keys and owners that it asks for', async () => {
  const rows = [
    rowOf({ key_id: null, key_name: null }),
    rowOf({ key_id: 'environment:ops', key_name: 'ops', owner_id: 'ops' }),
    rowOf({ key_id: '0197-deleted', key_name: null }),
  ];
  const { stdout, lines } = await run(['--by', 'key', '--owner', '*', '--model', 'large'], reportOf(...rows));
  expect(lines).toEqual(['GET /api/v1/usage?by=key&owner=*&model=large']);
  const cells = stdout.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 4));
  expect(cells.slice(0, 4)).toEqual([
    ['DAY', 'OWNER', 'KEY', 'MODEL'],
    ['2026-03-10', 'ada', 'no key', 'large'],
    ['2026-03-10', 'ops', 'ops', 'large'],
    ['2026-03-10', 'ada', '0197-deleted', 'large'],
  ]);
});

it('names the usage of all owners to an admin who has none', async () => {
  const callerOf = (role: 'admin' | 'member') => jsonResponse({ owner: 'ada', role, key: null, requires_key: true });
  const none = { code: 0, stdout: 'No usage from 2026-03-01 to 2026-03-31.\n' };
  const hint = "Only the usage of ada counts here. Add --owner '*' for all owners.\n";
  expect(await run([], reportOf(), callerOf('admin'))).toMatchObject({ ...none, stderr: hint });
  expect(await run([], reportOf(), callerOf('member'))).toMatchObject({ ...none, stderr: '' });
  expect(await run(['--owner', '*'], reportOf())).toMatchObject({ ...none, stderr: '', lines: ['GET /api/v1/usage?owner=*'] });
});

it('prints the CSV of the gateway', async () => {
  const csv = 'day,model\n2026-03-10,large\n';
  const { stdout, lines } = await run(['--csv', '--key', 'environment:ops'], (response) =>
    response.writeHead(200, { 'content-type': 'text/csv' }).end(csv),
  );
  expect([stdout, lines]).toEqual([csv, ['GET /api/v1/usage.csv?key=environment%3Aops']]);
});

it.each([
  [['--by', 'week'], '--by: '],
  [['--from', 'soon'], '--from and --to: '],
  [['--csv', '--json'], 'Use either --csv or --json.'],
])('rejects %s', async (args, message) => {
  const { code, stderr, lines } = await run(args);
  expect([code, lines]).toEqual([2, []]);
  expect(stderr).toContain(message);
});
