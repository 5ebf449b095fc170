import { randomOffsets, type SeededRandom } from '@prodigon/testing';
import { type RawRequest, toBytes } from './raw-request.test-support.ts';

export interface BadConversation {
  readonly what: string;
  readonly parts: readonly Buffer[];
  /** The minimum number of responses. */
  readonly answersMin: number;
  readonly answersMax: number;
  readonly endsAfterwards: boolean;
}

type Mutation = (good: RawRequest, random: SeededRandom) => BadConversation;

const ONE = { answersMin: 1, answersMax: 1, endsAfterwards: false };
/** A response may or may not arrive before the connection ends. */
const UNTIL_CLOSED = { answersMin: 0, answersMax: Number.POSITIVE_INFINITY, endsAfterwards: true };

const METHODS = [
  'PUT',
  'PATCH',
  'DELETE',
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'MKCOL',
  'SEARCH',
  'LINK',
  'PURGE',
  'M-SEARCH',
  'SOURCE',
  'QUERY',
  'NOTIFY',
  'get',
  'Post',
  'FOO',
  'G ET',
  '',
  '\x00',
  'PRI',
  'CONNECT',
] as const;

const withLength = (good: RawRequest, value: string): RawRequest => ({
  ...good,
  headers: [...good.headers.filter(([name]) => !/^(content-length|transfer-encoding)$/.test(name)), ['content-length', value]],
});

const otherMethod: Mutation = (good, random) => {
  const method = random.pick(METHODS);
  const isKnown = /^(PUT|PATCH|DELETE|GET|POST|HEAD|OPTIONS)$/.test(method);
  const request = { ...good, method };
  return { what: `the method ${method}`, parts: [toBytes(request)], ...(isKnown ? ONE : UNTIL_CLOSED) };
};

const inPieces: Mutation = (good, random) => {
  const bytes = toBytes(good);
  const cuts = randomOffsets(bytes.length, random);
  const parts = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index]));
  return { what: 'in pieces', parts: parts.filter((part) => part.length > 0), ...ONE };
};

const half: Mutation = (good, random) => {
  const bytes = toBytes(good);
  return { what: 'half a request', parts: [bytes.subarray(0, random.upTo(bytes.length - 1))], ...UNTIL_CLOSED };
};

const wrongLength: Mutation = (good, random) => {
  const length = good.body?.length ?? 0;
  const value = random.pick([
    String(length + 1 + random.upTo(100)),
    String(Math.max(0, length - 1 - random.upTo(10))),
    '99999999999',
    '999999999999999999999999999',
    '-1',
    '+5',
    '1e3',
    '0x10',
    'x',
    '',
    '5, 5',
    '5 5',
  ]);
  return { what: `content-length ${value}`, parts: [toBytes(withLength(good, value))], ...UNTIL_CLOSED };
};

const wrongChunks: Mutation = (good, random) => {
  const headers = [...good.headers.filter(([name]) => name !== 'content-length' && name !== 'transfer-encoding')];
  const coding = random.pick([
    'chunked',
    'chunked',
    'chunked',
    'gzip',
    'gzip, chunked',
    'chunked, chunked',
    'identity',
    'x',
    '\x0bchunked',
  ]);
  const body = random.pick([
    '',
    '0\r\n\r\n',
    'x\r\nabc\r\n0\r\n\r\n',
    '-1\r\nabc\r\n0\r\n\r\n',
    'ffffffffffffffffff\r\nabc',
    '3\r\nabcdef\r\n0\r\n\r\n',
    '3;a=b\r\n{}\n\r\n0\r\nx-trailer: 1\r\n\r\n',
    '3\nabc\n0\n\n',
    `3;${'x'.repeat(20_000)}\r\n{}\n\r\n0\r\n\r\n`,
    '2\r\n{}\r\n0\r\n',
  ]);
  const both = random.oneIn(3) ? [['content-length', '2'] as const] : [];
  const request: RawRequest = { ...good, headers: [...headers, ...both, ['transfer-encoding', coding]], body: Buffer.from(body) };
  return { what: `${coding} ${JSON.stringify(body.slice(0, 20))}`, parts: [toBytes(request)], ...UNTIL_CLOSED };
};

const followedByNoise: Mutation = (good, random) => {
  const noise = random.pick([
    '\0\r\n\r\n',
    'FOO / HTTP/1.1\r\n\r\n',
    'GET\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
    '{}\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]);
  return {
    what: `followed by ${JSON.stringify(noise)}`,
    parts: random.oneIn(2) ? [toBytes(good), Buffer.from(noise)] : [Buffer.concat([toBytes(good), Buffer.from(noise)])],
    ...UNTIL_CLOSED,
    endsAfterwards: false,
  };
};

const piped: Mutation = (good) => ({
  what: 'two pipelined requests',
  parts: [Buffer.concat([toBytes(good), toBytes(good)])],
  ...ONE,
  answersMin: 2,
  answersMax: 2,
});

const HEADS: readonly ((good: RawRequest) => Buffer)[] = [
  (good) => Buffer.from(toBytes(good).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('HTTP/1.1', 'HTTP/1.0'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace(' HTTP/1.1', ''), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('HTTP/1.1', 'HTTP/2.0'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('HTTP/1.1', 'HTTP/1.1\x00'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('\r\n', '\r\n folded: yes\r\n'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('\r\n', '\r\nno colon\r\n'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('\r\n', '\r\n: no name\r\n'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace('\r\n', '\r\na b: space\r\n'), 'latin1'),
  (good) => Buffer.from(toBytes(good).toString('latin1').replace(' ', '  '), 'latin1'),
  (good) => Buffer.from(`\r\n\r\n${toBytes(good).toString('latin1')}`, 'latin1'),
  (good) =>
    Buffer.from(
      toBytes(good)
        .toString('latin1')
        .replace('\r\n', `\r\nx-long: ${'x'.repeat(70_000)}\r\n`),
      'latin1',
    ),
  (good) =>
    Buffer.from(
      toBytes(good)
        .toString('latin1')
        .replace(' /', ` /${'x'.repeat(70_000)}`),
      'latin1',
    ),
];
const wrongHead: Mutation = (good, random) => {
  const at = random.upTo(HEADS.length - 1);
  return { what: `a wrong head (${at})`, parts: [HEADS[at]?.(good) ?? Buffer.alloc(0)], ...UNTIL_CLOSED };
};

const damaged: Mutation = (good, random) => {
  const bytes = toBytes(good);
  for (let count = 0; count <= random.upTo(2); count++) bytes[random.upTo(Math.min(200, bytes.length - 1))] = random.upTo(255);
  return { what: 'damaged bytes', parts: [bytes], ...UNTIL_CLOSED };
};

const NOISE: readonly ((random: SeededRandom) => Buffer)[] = [
  (random) => Buffer.from(random.bytes(1 + random.upTo(2_000))),
  () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  (random) => Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from(random.bytes(200))]),
  () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  () => Buffer.from('PR'),
  () => Buffer.from('\r\n'.repeat(500)),
  () => Buffer.from('\0'.repeat(100)),
  () => Buffer.from('SSH-2.0-OpenSSH_9.0\r\n'),
];
const noise: Mutation = (_good, random) => ({ what: 'noise', parts: [random.pick(NOISE)(random)], ...UNTIL_CLOSED });

const MUTATIONS = [
  otherMethod,
  otherMethod,
  inPieces,
  half,
  wrongLength,
  wrongChunks,
  wrongChunks,
  followedByNoise,
  piped,
  wrongHead,
  damaged,
  noise,
];

/** Breaks the connection around a valid request in a random way. */
export function mutateConnection(good: RawRequest, random: SeededRandom): BadConversation {
  return random.pick(MUTATIONS)(good, random);
}
