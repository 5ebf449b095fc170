import type { SeededRandom } from '@prodigon/testing';

const UNKNOWN_ID = '0199a8f0-ffff-7fff-bfff-ffffffffffff';
const LONG = 'a'.repeat(3_000);

const SEGMENTS: readonly string[] = [
  '',
  '.',
  '..',
  '%2e%2e',
  '%2e%2e%2f%2e%2e%2fetc%2fhosts',
  '..%5c..',
  '..;',
  '%2f',
  'a%2fb',
  '%5c',
  '%00',
  'a%00b',
  '%',
  '%zz',
  '%c0%af',
  '%ff',
  '%ed%a0%80',
  '%f0%9f%9a%80',
  'gr\xc3\xb6\xc3\x9fe',
  '\xff',
  '%0d%0aX-Forged:%201',
  '%20',
  '+',
  '*',
  ':jobId',
  '{jobId}',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  '-1',
  '0',
  UNKNOWN_ID,
  UNKNOWN_ID.toUpperCase(),
  `${UNKNOWN_ID}%00`,
  '00000000-0000-0000-0000-000000000000',
  LONG,
  '%25%32%65',
  'a;b=c',
  '<script>',
  '"',
  '|',
  '^`',
  'results.jsonl',
];

const QUERY_VALUES: readonly string[] = [
  '',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e3',
  '1e999',
  'NaN',
  'Infinity',
  '0x10',
  '9007199254740991',
  '9007199254740993',
  '99999999999999999999',
  'true',
  'null',
  '[]',
  '{}',
  '%00',
  'a%00b',
  '%ff',
  '%',
  '%zz',
  '%ed%a0%80',
  '%f0%9f%9a%80',
  '%25',
  '%5c',
  "'",
  '_%25\\',
  '+',
  '%20%09',
  '..%2f..%2fetc%2fhosts',
  'docs%2f..%2f..%2fpackage.json',
  'docs%2f%00.md',
  'docs',
  'docs%2f',
  'README.md%2f',
  '%2fetc%2fhosts',
  'README.md',
  `docs/${'a%2f'.repeat(400)}b.md`,
  `docs/${'a'.repeat(300)}.md`,
  '0000-01-01',
  '9999-12-31',
  '2026-02-30',
  '2026-01-01T00:00:00Z',
  '+010000-01-01',
  'pending',
  'succeeded',
  UNKNOWN_ID,
  '00000000-0000-0000-0000-000000000000',
  LONG,
  'x'.repeat(60_000),
];
const QUERY_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'a[b]',
  'a[]',
  '',
  '%00',
  '%zz',
  'x'.repeat(5_000),
];

export interface MalformedTarget {
  /** Changed part of the target. */
  readonly mutation: string;
  readonly target: string;
}

/** Changes the path or the query of a target. `values` are the valid values of path parameters. */
export function mutateTarget(
  { path, query }: { path: string; query: readonly string[] },
  values: Readonly<Record<string, string>>,
  random: SeededRandom,
): MalformedTarget {
  const valid = fillPath(path, (name) => values[name] ?? name);
  if (path.includes('{') && random.oneIn(3)) {
    return {
      mutation: 'a path parameter',
      target: fillPath(path, () => random.pick(SEGMENTS)) + (random.oneIn(4) ? queryOf(query, random) : ''),
    };
  }
  if (random.oneIn(3)) return { mutation: 'the path', target: mutatePath(valid, random) };
  return { mutation: 'the query', target: valid + queryOf(query, random) };
}

/** Replaces the parameters of a path. */
export function fillPath(path: string, segmentFor: (name: string) => string): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => segmentFor(name));
}

function mutatePath(valid: string, random: SeededRandom): string {
  const segments = valid.split('/');
  const position = random.upTo(segments.length - 1);
  const variants: readonly (() => string)[] = [
    () => segments.with(position, random.pick(SEGMENTS)).join('/') || '/',
    () => `${valid}/`,
    () => `${valid}//`,
    () => `/${valid}`,
    () => `${valid}/${random.pick(SEGMENTS)}`,
    () => `http://evil.example${valid}`,
    () => `//evil.example${valid}`,
    () => `${valid}#fragment`,
    () => valid.toUpperCase(),
    () => valid.replaceAll('/', '\\'),
    () => valid.replaceAll('/', '%2f'),
    () => `${valid}?`,
    () => `${valid};a=b`,
    () => valid.slice(1) || '*',
    () => '*',
    () => `/${'a/'.repeat(2_000)}`,
    () => `/./..//${valid}`,
    () =>
      Buffer.from(random.bytes(20))
        .toString('latin1')
        .replace(/[\0-\x20\x7f]/g, '/'),
  ];
  return random.pick(variants)();
}

function queryOf(names: readonly string[], random: SeededRandom): string {
  const pairs = Array.from({ length: 1 + random.upTo(2) }, () => {
    const name = names.length > 0 && !random.oneIn(5) ? random.pick(names) : random.pick(QUERY_NAMES);
    return random.oneIn(12) ? name : `${name}=${random.pick(QUERY_VALUES)}`;
  });
  return `?${pairs.join(random.pick(['&', '&', '&', '&&', ';', '&amp;']))}`;
}
