import { errorBodySchema, openAiErrorSchema, sleep } from '@prodigon/contracts';
import { type Deployment, matrixDeployments, sharedDeployment } from '@prodigon/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LONG_TEST_MS, WAIT } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';

const ROUNDS = 4;
const POLL_INTERVAL_MS = 20;
const TEXT_LENGTH = 10_000;

/** Texts that cause catastrophic backtracking in careless regular expressions. */
const TEXTS: Record<string, string> = {
  letters: `${'a'.repeat(TEXT_LENGTH - 1)}!`,
  // The tutor cuts longer questions, and with them the character that no pattern expects.
  'letters of a short question': `${'a'.repeat(3_000)}!`,
  spaces: `x${' '.repeat(TEXT_LENGTH - 2)}x`,
  'line ends': `x${'\r\n'.repeat(TEXT_LENGTH / 2 - 1)}x`,
  'words and spaces': 'a '
    .repeat(TEXT_LENGTH / 2)
    .slice(0, -1)
    .concat('!'),
  'unknown words': Array.from({ length: TEXT_LENGTH / 8 }, (_, index) => `w${(index * 7919).toString(36).padEnd(6, 'q')}`).join(
    ' ',
  ),
  'opened brackets': '[('.repeat(TEXT_LENGTH / 2),
  stars: `${'*_`'.repeat(TEXT_LENGTH / 3)}`,
  compounds: 'a-b_c.d/'.repeat(TEXT_LENGTH / 8),
  entities: '&#'.repeat(TEXT_LENGTH / 2),
  'question words': 'and but so or why what about compared to instead of '.repeat(180),
};
const LONG_HEADER = 12_000;
const HEADERS: Record<string, string>[] = [
  { authorization: `Bearer ${' '.repeat(LONG_HEADER)}x x` },
  { 'x-request-id': `${'a'.repeat(LONG_HEADER)}!` },
  { traceparent: `00-${'0'.repeat(LONG_HEADER)}` },
  { 'last-event-id': `${'a-'.repeat(LONG_HEADER / 2)}:` },
  { 'idempotency-key': '-'.repeat(LONG_HEADER) },
  { 'content-type': `application/json;${' '.repeat(LONG_HEADER)}x` },
  { origin: `http://${'a.'.repeat(LONG_HEADER / 2)}` },
];

interface Result {
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

async function send({ post }: Deployment, path: string, body: unknown, init?: RequestInit): Promise<Result> {
  const response = await post(path, body, init);
  return { path, status: response.status, text: await response.text() };
}

/** Expects a success or a documented client error, never a server error. */
function expectDocumented({ path, status, text }: Result): void {
  expect([path, status, text.slice(0, 200)]).toEqual([path, expect.toSatisfy((code: number) => code < 500), expect.anything()]);
  if (status >= 400) (path.startsWith('/v1') ? openAiErrorSchema : errorBodySchema).parse(JSON.parse(text));
}

/** Polls the health of all processes until the test ends. `fewest` returns the fewest polls of a process so far. */
function pollHealth({ processes }: Deployment) {
  const counts = new Map(processes.map(({ url }) => [url, 0]));
  let isDone = false;
  const polling = processes.map(async ({ url }) => {
    while (!isDone) {
      expect((await fetch(`${url}/health`)).status).toBe(200);
      counts.set(url, (counts.get(url) ?? 0) + 1);
      await sleep(POLL_INTERVAL_MS);
    }
  });
  onTestFinished(() => {
    isDone = true;
    return Promise.all(polling).then(() => {});
  });
  return { fewest: () => Math.min(...counts.values()) };
}

describe.each(matrixDeployments('services'))('%s', (name) => {
  it(
    'keeps responding to health checks while it processes texts that cause backtracking',
    async () => {
      const deployment = await sharedDeployment(name);
      const health = pollHealth(deployment);
      for (const text of Object.values(TEXTS)) {
        const before = health.fewest();
        const bombs = [
          send(deployment, '/api/v1/generate', { prompt: text, model: 'prodigon-tutor' }),
          send(deployment, '/api/v1/generate', { prompt: 'Hi', model: text.slice(0, 256) }),
          send(deployment, '/api/v1/generate', { prompt: 'Hi', model: `prodigon-sim?${text.slice(0, 200)}` }),
          send(deployment, '/v1/embeddings', { input: text, model: 'prodigon-embed' }),
          send(deployment, '/v1/chat/completions', { model: 'healthy', messages: [{ role: 'user', content: text }] }),
          send(deployment, '/v1/responses', { model: 'healthy', input: text }),
          send(deployment, '/api/v1/jobs', { prompts: Array(20).fill(text), model: 'healthy', name: text.slice(0, 120) }),
          send(deployment, '/api/v1/jobs', `prompt,custom_id\n"${text}`, { headers: { 'content-type': 'text/csv' } }),
          send(deployment, '/api/v1/jobs', text, { headers: { 'content-type': 'application/jsonl' } }),
        ];
        for (const result of await Promise.all(bombs)) expectDocumented(result);
        await vi.waitFor(() => expect(health.fewest()).toBeGreaterThan(before), WAIT);
      }
      for (const headers of HEADERS)
        expectDocumented(await send(deployment, '/api/v1/generate', { prompt: 'Hi', model: 'healthy' }, { headers }));
      for (const query of [`q=${'%25_'.repeat(2_000)}`, `q=${'a'.repeat(8_000)}`, `after=${'9'.repeat(8_000)}`]) {
        const response = await fetch(`${deployment.url}/api/v1/jobs?${query}`);
        expectDocumented({ path: '/api/v1/jobs', status: response.status, text: await response.text() });
      }
      const deep = await fetch(`${deployment.url}/${'a/'.repeat(4_000)}`);
      expectDocumented({ path: '/a/', status: deep.status, text: await deep.text() });
    },
    LONG_TEST_MS,
  );

  it(
    'keeps responding to health checks while it rejects JSON bombs',
    async () => {
      const deployment = await sharedDeployment(name);
      const { url, provider } = deployment;
      const health = pollHealth(deployment);
      const megabytes = (count: number, piece: string) => piece.repeat(Math.floor((count << 20) / piece.length));
      const bombs = [
        ['/api/v1/generate', megabytes(3, '[')],
        ['/api/v1/generate', `{"prompt":"Hi"${Array.from({ length: 100_000 }, (_, index) => `,"k${index}":[]`).join('')}}`],
        ['/api/v1/generate', `{"prompt":"Hi","messages":[${megabytes(3, '{},')}{}]}`],
        ['/api/v1/generate', `{"prompt":0,"system_prompt":"${megabytes(3, '\\u0000')}"}`],
        ['/api/v1/generate', `{"prompt":${megabytes(3, '9')}}`],
        ['/v1/chat/completions', `{"messages":[${megabytes(12, '{"role":"x"},')}{}]}`],
        ['/v1/responses', `{"input":[${megabytes(12, '{"type":"x"},')}{}]}`],
        ['/v1/embeddings', `{"input":[${megabytes(12, '[1],')}1]}`],
      ] as const;
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = health.fewest();
        const results = await Promise.all(bombs.map(([path, body]) => send(deployment, path, body)));
        for (const result of results) {
          expectDocumented(result);
          expect(result.status).toBeGreaterThanOrEqual(400);
        }
        await vi.waitFor(() => expect(health.fewest()).toBeGreaterThan(before), WAIT);
      }
      // The gateway rejects a too large Content-Length before it reads the body.
      const announced = openRaw(url, postOf('/api/v1/generate', '[', { 'Content-Length': String(2 ** 40) }));
      expect(await announced.response).toMatch(/^HTTP\/1\.1 413 /);
      // Calls of the test before may arrive late, and have other prompts.
      expect(provider.calls.map(({ prompt }) => prompt).filter((prompt) => !prompt || prompt === 'Hi')).toEqual([]);
    },
    LONG_TEST_MS,
  );
});
