import { createMetrics, SETTINGS, type Setting } from '@prodigon/platform';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { markdownIn, proseOf, read } from './documents.test-support.ts';

/** Returns the rows of the table with this first heading, as cells. */
function tableOf(page: string, heading: string): string[][] {
  const [, table = ''] = page.split(`\n| ${heading} |`);
  const rows = table.split('\n\n')[0]?.trim().split('\n').slice(2) ?? [];
  return rows.map((row) => row.split(/(?<!\\)\|/).slice(1, -1)).map((cells) => cells.map((cell) => cell.trim()));
}
const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const observe = read('docs/operations/observe.md');
const { registry, reportRedis, limitsLocal } = createMetrics();
reportRedis(true);
registry.registerMetric(limitsLocal);
const metrics = registry.getMetricsAsArray();

describe('the page about observing', () => {
  it('names only metrics that exist, and every metric of Prodigon', () => {
    const documented = tableOf(observe, 'Metric').flatMap(([names = '']) => codeIn(names));
    const existing = metrics.map(({ name }) => name);
    expect(documented.filter((name) => !existing.includes(name))).toEqual([]);
    const isOwn = (name: string) => !/^(?:process|nodejs)_/.test(name);
    expect(existing.filter((name) => isOwn(name) && !documented.includes(name))).toEqual([]);
  });

  it('names every label of the metrics', () => {
    const documented = tableOf(observe, 'Metric').flatMap(([, labels = '', service = '']) => codeIn(labels + service));
    const labels = metrics.flatMap((metric) => (metric as unknown as { labelNames: string[] }).labelNames);
    expect(labels.length).toBeGreaterThan(10);
    const isOfNode = (label: string) => ['version', 'major', 'minor', 'patch', 'kind', 'space', 'type'].includes(label);
    expect(labels.filter((label) => !isOfNode(label) && !documented.includes(label))).toEqual([]);
  });

  it('lists every alert with its severity and its delay', () => {
    const rules = parse(read('infra/observability/alerts.yml')).groups.flatMap((group: { rules: unknown[] }) => group.rules);
    const expected = rules.map((rule: { alert: string; for?: string; labels: { severity: string } }) => [
      rule.alert,
      rule.labels.severity,
      rule.for ?? '',
    ]);
    const documented = tableOf(observe, 'Alert').map(([name = '', severity, delay]) => [...codeIn(name), severity, delay]);
    expect(documented).toEqual(expected);
  });

  it('names only panels of the dashboard', () => {
    const { panels }: { panels: { title: string }[] } = JSON.parse(read('infra/observability/grafana/dashboards/prodigon.json'));
    const [, order = ''] = observe.split('in this order:');
    const named = [...(order.split('## ')[0] ?? '').matchAll(/\*\*(.+?)\*\*/g)].map(([, title = '']) => title);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !panels.some(({ title }) => title.startsWith(name)))).toEqual([]);
  });
});

describe('the page about security', () => {
  const page = read('docs/operations/secure.md');
  const ports = tableOf(page, 'Port').flatMap(([port = '']) => port.match(/\d+/g) ?? []);

  it('lists every port that a Compose file publishes and every default port of a service', () => {
    const compose = ['compose.yaml', 'compose.tls.yaml', 'compose.observability.yaml'].map((path) =>
      parse(read(path), { merge: true }),
    );
    const services = compose.flatMap((file) => Object.values<{ ports?: string[] }>(file.services));
    const published = services.flatMap(({ ports: entries = [] }) =>
      entries.map((entry) => /:-(\d+)\}/.exec(entry)?.[1] ?? entry),
    );
    expect(published.length).toBeGreaterThanOrEqual(4);
    const settings = Object.entries<Setting>(SETTINGS).filter(([name]) => name.endsWith('_PORT'));
    const defaults = settings.map(([, { default: port }]) => port).filter((port) => port !== '');
    expect([...published, ...defaults].filter((port) => !ports.includes(port))).toEqual([]);
  });

  it('says of each port of a Compose file whether it is published on loopback only', () => {
    const { services } = parse(read('compose.observability.yaml'));
    for (const service of Object.values<{ ports: string[] }>(services))
      for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

it('the index names every page about operating', () => {
  const index = read('docs/operations/README.md');
  const others = markdownIn('docs/operations').filter((path) => !path.endsWith('README.md'));
  const linked = [...proseOf(index).matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, file]) => `docs/operations/${file}`);
  expect(others.filter((path) => !linked.includes(path))).toEqual([]);
});
