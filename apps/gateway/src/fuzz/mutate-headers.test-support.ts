import type { SeededRandom } from '@prodigon/testing';
import type { RawHeader } from './raw-request.test-support.ts';

const LONG = 'x'.repeat(8_000);
const UUID = '0199a8f0-0000-7000-8000-000000000001';

const VALUES: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e999',
  'NaN',
  '99999999999999999999999',
  '\x00',
  '\x01\x7f',
  '\t',
  'gr\xf6\xdfe',
  '\xf0\x9f\x9a\x80',
  '\xff\xfe',
  '"',
  ',,,',
  ';;;=',
  '%00%0d%0a',
  '\r',
  '\rX-Forged: 1',
  '../../etc/hosts',
  '<script>',
  '{"a":1}',
  '__proto__',
  LONG,
  `${LONG.repeat(9)}`,
];

/** Valid and invalid values of headers that the platform, Node.js or proxies interpret. */
const KNOWN_HEADERS: Readonly<Record<string, readonly string[]>> = {
  'x-request-id': ['ok-1', 'a b', `${'a'.repeat(128)}`, `${'a'.repeat(129)}`, 'a\tb', '<b>', "';--"],
  traceparent: [
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-0000000000000000-00',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01',
    '00-x',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
  ],
  tracestate: ['=', 'a=b,c=d', ','.repeat(600)],
  'x-stream-version': ['1', '2', '3', '2.0', '__proto__', '1, 2'],
  'idempotency-key': ['k', 'x'.repeat(255), 'x'.repeat(256), 'gr\xf6\xdfe', "' or 1=1"],
  'last-event-id': [`${UUID}:1`, `${UUID}:1.1`, `${UUID}:999999999999999.9999999999`, `${UUID}:-1`, ':', '1', `${UUID}:1e3`],
  range: ['bytes=0-0', 'bytes=-1', 'bytes=9-1', 'bytes=0-,1-,2-', 'bytes=99999999-', 'lines=1-2'],
  'if-range': ['"x"', 'Mon'],
  'if-none-match': ['*', '"x"', 'W/"x", "y"'],
  'if-match': ['*', '"x"'],
  'if-modified-since': ['Mon, 01 Jan 2035 00:00:00 GMT', 'yesterday'],
  'if-unmodified-since': ['Mon, 01 Jan 2001 00:00:00 GMT'],
  accept: ['text/html', '*/*;q=2', 'application/xml', ';q', 'text/event-stream'],
  'accept-encoding': ['gzip', 'br;q=0', '*;q=0', 'identity;q=0'],
  'accept-language': ['de', '*'],
  authorization: ['Bearer', 'Bearer ', 'Bearer x y', 'Basic eDp5', 'bearer\tx', `Bearer ${LONG}`],
  cookie: ['a=b', ';', '__proto__=1'],
  origin: ['null', 'http://localhost', 'https://evil.example', 'http://127.0.0.1@evil.example', 'http://[', ''],
  host: ['evil.example', '127.0.0.1.evil.example', '[::1]', '[', 'a@127.0.0.1', '127.0.0.1:99999', ''],
  'access-control-request-method': ['POST', 'x'],
  'access-control-request-headers': ['x-a, x-b', 'x\xffy', LONG],
  connection: ['close', 'keep-alive, close', 'upgrade', 'x-request-id'],
  upgrade: ['websocket', 'h2c', 'TLS/1.0'],
  'http2-settings': ['AAMAAABkAARAAAAAAAIAAAAA'],
  expect: ['100-continue', '200-ok', 'x'],
  te: ['trailers', 'gzip'],
  trailer: ['x-a', 'content-length'],
  'x-forwarded-for': ['1.2.3.4', '1.2.3.4, , x', '::1'],
  'x-forwarded-proto': ['https', 'javascript'],
  'x-forwarded-host': ['evil.example'],
  'x-user-id': ['other'],
  'x-http-method-override': ['DELETE'],
  'content-type': [
    'text/plain',
    'text/csv',
    'application/jsonl',
    'application/x-ndjson',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'application/json; charset=utf-16',
    'application/json;charset',
    'application/json, text/plain',
    'application/jsonp',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'json',
    '/',
    ';',
    'text/csv; charset=latin1',
  ],
  'content-encoding': ['gzip', 'identity', 'x'],
  'content-md5': ['x'],
  'content-language': ['de'],
};
const NAMES = Object.keys(KNOWN_HEADERS);

export interface MalformedHeaders {
  /** Names of the changed headers. */
  readonly mutation: string;
  readonly headers: RawHeader[];
}

/** Replaces, adds, repeats or removes one to three headers. `routeHeaders` are the names of headers that the route reads. */
export function mutateHeaders(
  valid: readonly RawHeader[],
  routeHeaders: readonly string[],
  random: SeededRandom,
): MalformedHeaders {
  let headers = [...valid];
  const changed: string[] = [];
  for (let count = 0; count <= random.upTo(2); count++) {
    if (random.oneIn(60)) {
      changed.push('many headers');
      headers.push(...Array.from({ length: 1_500 }, (_, index): RawHeader => [`x-${index}`, '1']));
      continue;
    }
    const name = routeHeaders.length > 0 && random.oneIn(2) ? random.pick(routeHeaders) : random.pick(NAMES);
    const known = KNOWN_HEADERS[name] ?? [];
    const value = known.length > 0 && !random.oneIn(4) ? random.pick(known) : random.pick(VALUES);
    const kept = headers.filter(([header]) => header !== name);
    changed.push(name);
    const replacements: readonly RawHeader[][] = [
      [[name, value]],
      [[name, value]],
      [
        [name, value],
        [name, random.pick(VALUES)],
      ],
      headers.filter(([header]) => header === name).concat([[name, value]]),
      [],
    ];
    headers = [...kept, ...random.pick(replacements)];
  }
  return { mutation: `headers: ${changed.join()}`, headers };
}
