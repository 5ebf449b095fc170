import { randomOffsets, type SeededRandom } from '@prodigon/testing';
import { type RawRequest, toBytes } from './raw-request.test-support.ts';

export interface MalformedConnection {
  /** Describes the change, for reports. */
  readonly mutation: string;
  /** Bytes to send, one write for each part. */
  readonly parts: readonly Buffer[];
  /** Minimum number of complete responses. */
  readonly responsesMin: number;
  /** Number of responses to wait for. Infinity waits until the connection closes. */
  readonly responsesMax: number;
  /** Whether the client half-closes the connection after the last part. */
  readonly endsAfterwards: boolean;
}

type Mutation = (valid: RawRequest, random: SeededRandom) => MalformedConnection;

const ONE_RESPONSE = { responsesMin: 1, responsesMax: 1, endsAfterwards: false };
/** Any number of responses may arrive before the connection closes. */
const UNTIL_CLOSED = { responsesMin: 0, responsesMax: Number.POSITIVE_INFINITY, endsAfterwards: true };

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

const withLength = (valid: RawRequest, value: string): RawRequest => ({
  ...valid,
  headers: [...valid.headers.filter(([name]) => !/^(content-length|transfer-encoding)$/.test(name)), ['content-length', value]],
});

const changeMethod: Mutation = (valid, random) => {
  const method = random.pick(METHODS);
  const isKnown = /^(PUT|PATCH|DELETE|GET|POST|HEAD|OPTIONS)$/.test(method);
  const request = { ...valid, method };
  return { mutation: `the method ${method}`, parts: [toBytes(request)], ...(isKnown ? ONE_RESPONSE : UNTIL_CLOSED) };
};

const splitRequest: Mutation = (valid, random) => {
  const bytes = toBytes(valid);
  const offsets = randomOffsets(bytes.length, random);
  const parts = [0, ...offsets].map((from, index) => bytes.subarray(from, offsets[index]));
  return { mutation: 'split into several writes', parts: parts.filter((part) => part.length > 0), ...ONE_RESPONSE };
};

const truncateRequest: Mutation = (valid, random) => {
  const bytes = toBytes(valid);
  return { mutation: 'a truncated request', parts: [bytes.subarray(0, random.upTo(bytes.length - 1))], ...UNTIL_CLOSED };
};

const changeContentLength: Mutation = (valid, random) => {
  const length = valid.body?.length ?? 0;
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
  return { mutation: `content-length ${value}`, parts: [toBytes(withLength(valid, value))], ...UNTIL_CLOSED };
};

const changeChunks: Mutation = (valid, random) => {
  const headers = [...valid.headers.filter(([name]) => name !== 'content-length' && name !== 'transfer-encoding')];
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
  const contentLength = random.oneIn(3) ? [['content-length', '2'] as const] : [];
  const request: RawRequest = {
    ...valid,
    headers: [...headers, ...contentLength, ['transfer-encoding', coding]],
    body: Buffer.from(body),
  };
  return { mutation: `${coding} ${JSON.stringify(body.slice(0, 20))}`, parts: [toBytes(request)], ...UNTIL_CLOSED };
};

const appendNoise: Mutation = (valid, random) => {
  const noise = random.pick([
    '\0\r\n\r\n',
    'FOO / HTTP/1.1\r\n\r\n',
    'GET\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
    '{}\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]);
  return {
    mutation: `followed by ${JSON.stringify(noise)}`,
    parts: random.oneIn(2) ? [toBytes(valid), Buffer.from(noise)] : [Buffer.concat([toBytes(valid), Buffer.from(noise)])],
    ...UNTIL_CLOSED,
    endsAfterwards: false,
  };
};

const pipeline: Mutation = (valid) => ({
  mutation: 'two pipelined requests',
  parts: [Buffer.concat([toBytes(valid), toBytes(valid)])],
  ...ONE_RESPONSE,
  responsesMin: 2,
  responsesMax: 2,
});

const HEAD_MUTATIONS: readonly ((valid: RawRequest) => Buffer)[] = [
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('HTTP/1.1', 'HTTP/1.0'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace(' HTTP/1.1', ''), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('HTTP/1.1', 'HTTP/2.0'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('HTTP/1.1', 'HTTP/1.1\x00'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('\r\n', '\r\n folded: yes\r\n'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('\r\n', '\r\nno colon\r\n'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('\r\n', '\r\n: no name\r\n'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace('\r\n', '\r\na b: space\r\n'), 'latin1'),
  (valid) => Buffer.from(toBytes(valid).toString('latin1').replace(' ', '  '), 'latin1'),
  (valid) => Buffer.from(`\r\n\r\n${toBytes(valid).toString('latin1')}`, 'latin1'),
  (valid) =>
    Buffer.from(
      toBytes(valid)
        .toString('latin1')
        .replace('\r\n', `\r\nx-long: ${'x'.repeat(70_000)}\r\n`),
      'latin1',
    ),
  (valid) =>
    Buffer.from(
      toBytes(valid)
        .toString('latin1')
        .replace(' /', ` /${'x'.repeat(70_000)}`),
      'latin1',
    ),
];
const changeHead: Mutation = (valid, random) => {
  const index = random.upTo(HEAD_MUTATIONS.length - 1);
  return { mutation: `head mutation ${index}`, parts: [HEAD_MUTATIONS[index]?.(valid) ?? Buffer.alloc(0)], ...UNTIL_CLOSED };
};

const corruptBytes: Mutation = (valid, random) => {
  const bytes = toBytes(valid);
  for (let count = 0; count <= random.upTo(2); count++) bytes[random.upTo(Math.min(200, bytes.length - 1))] = random.upTo(255);
  return { mutation: 'corrupted bytes', parts: [bytes], ...UNTIL_CLOSED };
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
const sendNoise: Mutation = (_good, random) => ({ mutation: 'noise', parts: [random.pick(NOISE)(random)], ...UNTIL_CLOSED });

const MUTATIONS = [
  changeMethod,
  changeMethod,
  splitRequest,
  truncateRequest,
  changeContentLength,
  changeChunks,
  changeChunks,
  appendNoise,
  pipeline,
  changeHead,
  corruptBytes,
  sendNoise,
];

/** Changes the bytes of a valid request, or the way they are sent, in a random way. */
export function mutateConnection(valid: RawRequest, random: SeededRandom): MalformedConnection {
  return random.pick(MUTATIONS)(valid, random);
}
