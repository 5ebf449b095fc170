const repeat = (megabytes: number, piece: string) => piece.repeat(Math.floor((megabytes * 1_000_000) / piece.length));
const list = (count: number, item: (index: number) => string) => Array.from({ length: count }, (_, index) => item(index)).join();
const keys = (count: number) => list(count, (index) => `"k${index}":1`);
const chat = (model: string, content: string, more = '') =>
  `{"model":"${model}","max_tokens":5,"messages":[{"role":"user","content":"${content}"}]${more}}`;

const SIMULATOR = 'prodigon-sim?ttft_ms=0&tokens=5';

export interface HeavyRequest {
  readonly name: string;
  readonly path: string;
  readonly body: string;
  /** How many of them are sent concurrently. */
  readonly count: number;
}

const toChat = (name: string, body: string, count = 1): HeavyRequest => ({ name, path: '/v1/chat/completions', body, count });
const toEmbeddings = (name: string, body: string): HeavyRequest => ({ name, path: '/v1/embeddings', body, count: 1 });

/** The largest requests of each kind that are accepted, and some that are not. */
export const HEAVY_REQUESTS: readonly HeavyRequest[] = [
  toChat('800,000 keys', chat(SIMULATOR, 'Hi', `,${keys(800_000)}`)),
  toChat('19,000 keys', chat(SIMULATOR, 'Hi', `,${keys(19_000)}`)),
  toChat('19,000 objects with one key each', chat(SIMULATOR, 'Hi', `,"x":[${list(19_000, (index) => `{"k${index}":1}`)}]`)),
  toChat('500,000 list items', chat(SIMULATOR, 'Hi', `,"x":[${list(500_000, () => '""')}]`)),
  toChat('32 MB of text', chat(SIMULATOR, repeat(32, 'hello world '))),
  toChat('32 MB of escapes', chat(SIMULATOR, repeat(32, '\\n\\"'))),
  toChat('32 MB of Chinese', chat(SIMULATOR, repeat(10, '中文'))),
  toChat('four with 8 MB of text', chat(SIMULATOR, repeat(8, 'hello world ')), 4),
  toChat(
    'the tutor with 2,048 messages',
    `{"model":"prodigon-tutor","max_tokens":5,"messages":[${list(2_047, (index) => `{"role":"${index % 2 ? 'user' : 'assistant'}","content":"${'circuit breaker '.repeat(400)}"}`)},{"role":"user","content":"and why?"}]}`,
  ),
  toChat(
    'four simulators with a million tokens',
    '{"model":"prodigon-sim?ttft_ms=0&tokens=1000000&tokens_per_s=1000000","messages":[{"role":"user","content":"Hi"}]}',
    4,
  ),
  toEmbeddings(
    '2,000 embeddings',
    `{"model":"prodigon-embed","dimensions":1024,"input":[${list(2_000, () => '"some text of a few words"')}]}`,
  ),
  toEmbeddings(
    '100 embeddings of long texts',
    `{"model":"prodigon-embed","input":[${list(100, () => `"${repeat(0.032, 'some words ')}"`)}]}`,
  ),
  toEmbeddings('300,000 tokens', `{"model":"prodigon-embed","input":[${list(300, () => `[${list(1_000, String)}]`)}]}`),
  {
    name: '3 MB of unknown names',
    path: '/api/v1/generate',
    body: `{"prompt":"Hi",${list(15_000, (index) => `"${'n'.repeat(190)}${index}":1`)}}`,
    count: 1,
  },
];
