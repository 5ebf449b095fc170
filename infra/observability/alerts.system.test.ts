import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createMetrics } from '@prodigon/platform';
import { PROGRAMS, requireProgram, runProgram } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';

const RULES = readFileSync(resolve(import.meta.dirname, 'alerts.yml'), 'utf8');
const rules: { alert: string; expr: string }[] = parse(RULES).groups.flatMap((group: { rules: unknown[] }) => group.rules);

/** Samples of 20 minutes, one every 15 seconds, in the notation of promtool. */
type Series = Readonly<Record<string, string>>;
interface Case {
  readonly fires: Series;
  readonly staysQuiet: Series;
  /** The labels of each alert that fires, with its summary. */
  readonly alerts: readonly (readonly [labels: Readonly<Record<string, string>>, summary: string])[];
}

const MODEL = 'provider="groq",model="gpt"';
const firstTokens = (underTenSeconds: string): Series => ({
  'generation_ttft_seconds_bucket{le="10",model="gpt"}': underTenSeconds,
  'generation_ttft_seconds_bucket{le="30",model="gpt"}': '0+10x80',
  'generation_ttft_seconds_bucket{le="+Inf",model="gpt"}': '0+10x80',
});
const requests = (succeeded: number, failed: number): Series => ({
  'http_requests_total{service="gateway",status="200"}': `0+${succeeded}x80`,
  'http_requests_total{service="gateway",status="503"}': `0+${failed}x80`,
});

const CASES: Readonly<Record<string, Case>> = {
  NoReplica: {
    fires: { 'up{job="gateway"}': '1x80', 'up{job="model"}': '0x80' },
    staysQuiet: { 'up{job="gateway"}': '1x80', 'up{job="model"}': '1x80', 'up{job="worker"}': '1x80' },
    alerts: [
      [{ severity: 'critical', job: 'model' }, 'No model responds to Prometheus.'],
      [{ severity: 'critical', job: 'worker' }, 'No worker responds to Prometheus.'],
    ],
  },
  ReplicaDown: {
    fires: { 'up{job="model",instance="10.0.0.7:8001"}': '0x80', 'up{job="model",instance="10.0.0.8:8001"}': '1x80' },
    staysQuiet: { 'up{job="model",instance="10.0.0.7:8001"}': '1x73 0x7' },
    alerts: [
      [
        { severity: 'warning', job: 'model', instance: '10.0.0.7:8001' },
        'The model at 10.0.0.7:8001 does not respond to Prometheus.',
      ],
    ],
  },
  ServerErrors: {
    fires: requests(90, 10),
    staysQuiet: requests(96, 4),
    alerts: [[{ severity: 'critical', service: 'gateway' }, 'The gateway fails 10% of its requests.']],
  },
  SlowFirstToken: {
    fires: firstTokens('0x80'),
    staysQuiet: firstTokens('0+10x80'),
    alerts: [[{ severity: 'warning', model: 'gpt' }, 'In 5 % of the responses of gpt, the first token takes longer than 29s.']],
  },
  CircuitBreakerOpen: {
    fires: { [`provider_breaker_state{${MODEL}}`]: '0x40 2x10 1 2x10 1 2x20' },
    staysQuiet: { [`provider_breaker_state{${MODEL}}`]: '2x60 0x2 2x10' },
    alerts: [
      [
        { severity: 'warning', provider: 'groq', model: 'gpt' },
        'The model service does not call gpt of groq, which fails repeatedly.',
      ],
    ],
  },
  JobsStalled: {
    fires: { job_items_waiting: '5x80', 'job_items_settled_total{outcome="retry"}': '0+1x80' },
    staysQuiet: { job_items_waiting: '5x80', 'job_items_settled_total{outcome="failed"}': '0x60 0+1x20' },
    alerts: [[{ severity: 'critical' }, '5 batch items wait, and no worker has finished one for 10 minutes.']],
  },
  LeasesExpired: {
    fires: { job_lease_expiries_total: '0x60 3x20' },
    staysQuiet: { job_lease_expiries_total: '3x80' },
    alerts: [[{ severity: 'warning' }, 'Workers took over batch items of a worker that crashed or lost its connection.']],
  },
  UsageRecordsDropped: {
    fires: { usage_records_dropped_total: '0x60 3x20' },
    staysQuiet: { usage_records_dropped_total: '3x80' },
    alerts: [
      [
        { severity: 'warning' },
        'The reported usage and cost are too low, because the database rejected records or was unreachable.',
      ],
    ],
  },
  RedisDown: {
    fires: { 'redis_up{job="gateway",instance="10.0.0.5:8000"}': '0x80' },
    staysQuiet: { 'redis_up{job="gateway",instance="10.0.0.5:8000"}': '1x75 0x5' },
    alerts: [
      [
        { severity: 'warning', job: 'gateway', instance: '10.0.0.5:8000' },
        'Redis does not respond to the gateway at 10.0.0.5:8000.',
      ],
    ],
  },
  EventLoopDelayed: {
    fires: { 'nodejs_eventloop_lag_p99_seconds{job="gateway",instance="10.0.0.5:8000"}': '0.2x80' },
    staysQuiet: { 'nodejs_eventloop_lag_p99_seconds{job="gateway",instance="10.0.0.5:8000"}': '0.2x60 0.05 0.2x19' },
    alerts: [
      [
        { severity: 'warning', job: 'gateway', instance: '10.0.0.5:8000' },
        'The gateway at 10.0.0.5:8000 is overloaded, because its event loop lags by 200ms.',
      ],
    ],
  },
  MemoryHigh: {
    fires: { 'process_resident_memory_bytes{job="worker",instance="10.0.0.6:8002"}': '800000000x80' },
    staysQuiet: { 'process_resident_memory_bytes{job="worker",instance="10.0.0.6:8002"}': '700000000x80' },
    alerts: [
      [{ severity: 'warning', job: 'worker', instance: '10.0.0.6:8002' }, 'The worker at 10.0.0.6:8002 uses 762.9MiB of memory.'],
    ],
  },
};

/** Evaluates the rules on the samples of each case. promtool fails if the alerts after 20 minutes are not the expected ones. */
async function evaluate(name: 'fires' | 'staysQuiet', expectedOf: (one: Case) => readonly unknown[]) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-alerts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'alerts.yml'), RULES);
  const tests = Object.entries(CASES).map(([alertname, one]) => ({
    name: alertname,
    interval: '15s',
    input_series: Object.entries(one[name]).map(([series, values]) => ({ series, values })),
    alert_rule_test: [{ eval_time: '20m', alertname, exp_alerts: expectedOf(one) }],
  }));
  // JSON is valid YAML.
  const content = { rule_files: ['alerts.yml'], evaluation_interval: '15s', tests };
  writeFileSync(join(folder, 'test.yml'), JSON.stringify(content));
  const { code, output } = await runProgram(requireProgram(PROGRAMS.promtool), ['test', 'rules', 'test.yml'], { cwd: folder });
  return code === 0 ? 'SUCCESS' : output;
}

it('has a case for each alert', () => expect(rules.map(({ alert }) => alert)).toEqual(Object.keys(CASES)));

it('each alert fires, and names what fails', async () => {
  const toExpected = ([labels, summary]: Case['alerts'][number]) => ({ exp_labels: labels, exp_annotations: { summary } });
  expect(await evaluate('fires', ({ alerts }) => alerts.map(toExpected))).toBe('SUCCESS');
});

it('no alert fires in ordinary operation', async () => {
  expect(await evaluate('staysQuiet', () => [])).toBe('SUCCESS');
});

it('the alerts use only metrics that exist', () => {
  const { registry, reportRedis } = createMetrics();
  reportRedis(true);
  const existing = registry.getMetricsAsArray().map(({ name }) => name);
  const used = rules.flatMap(({ expr }) => expr.match(/\b(?:up|[a-z]+(?:_[a-z0-9]+)+)\b(?=[{[)\s])/g) ?? []);
  expect(used.length).toBeGreaterThanOrEqual(rules.length);
  expect(used.map((name) => name.replace(/_bucket$/, '')).filter((name) => name !== 'up' && !existing.includes(name))).toEqual(
    [],
  );
});
