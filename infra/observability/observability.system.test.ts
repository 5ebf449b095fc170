import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createMetrics } from '@prodigon/platform';
import { PROGRAMS, requireProgram, runProgram } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(resolve(import.meta.dirname, path), 'utf8');
const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  read('grafana/dashboards/prodigon.json'),
);
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** Runs promtool on a file with this content. */
async function check(kind: 'config' | 'rules', content: string) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-prometheus-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const token = join(folder, 'token');
  writeFileSync(token, 'token-of-this-test');
  const alerts = join(folder, 'alerts.yml');
  writeFileSync(alerts, read('alerts.yml'));
  const file = join(folder, `${kind}.yml`);
  writeFileSync(file, content.replaceAll('/run/secrets/INTERNAL_TOKEN', token).replaceAll('/etc/prometheus/alerts.yml', alerts));
  return runProgram(requireProgram(PROGRAMS.promtool), ['check', kind, file], {});
}

it('gives Prometheus a valid configuration with its alerts', async () => {
  const { code, output } = await check('config', read('prometheus.yml'));
  expect([code, output]).toEqual([0, expect.stringMatching(/SUCCESS: \d+ rules found/)]);
});

it('gives Prometheus in Kubernetes a valid configuration', async () => {
  // Debian builds Prometheus without the discovery of Kubernetes.
  const [{ kubernetes_sd_configs: discovery, ...job }] = parse(read('prometheus-kubernetes.yml')).scrape_configs;
  expect(discovery).toEqual([{ role: 'pod', namespaces: { names: ['prodigon'] } }]);
  job.static_configs = [{ targets: ['10.0.0.7:8001'] }];
  job.authorization.credentials_file = '/run/secrets/INTERNAL_TOKEN';
  const { code, output } = await check('config', JSON.stringify({ scrape_configs: [job] }));
  expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

it('shows only valid expressions of metrics that exist', async () => {
  const rules = expressions.map((expr, index) => ({
    record: `panel_${index}`,
    expr: expr.replaceAll('$__rate_interval', '1m'),
  }));
  // JSON is valid YAML.
  expect(await check('rules', JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))).toMatchObject({ code: 0 });

  const existing = new Set(
    createMetrics()
      .registry.getMetricsAsArray()
      .map(({ name }) => name),
  );
  const shown = expressions.flatMap((expr) => expr.match(/\b[a-z]+(?:_[a-z0-9]+)+\b(?=[{[)\s]|$)/g) ?? []);
  expect(shown.length).toBeGreaterThan(15);
  expect(shown.map((name) => name.replace(/_bucket$/, '')).filter((name) => !existing.has(name))).toEqual([]);
});
