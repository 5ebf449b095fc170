import { PassThrough } from 'node:stream';
import type { StreamEvent } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { writeAnswer } from './write-response.ts';

const start: StreamEvent = { event: 'start', data: { generation_id: 'g', model: 'some-model', request_id: 'r' } };
const usage = {
  event: 'usage',
  data: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, estimated: true, cost_usd: null },
} as const satisfies StreamEvent;
const done = {
  event: 'done',
  data: { finish_reason: 'stop', ttft_ms: 210, latency_ms: 1_340, model: 'some-model', provider: 'acme', attempts: 1 },
} as const satisfies StreamEvent;
const token = (data: string): StreamEvent => ({ event: 'token', data });

async function write(events: Iterable<StreamEvent> | AsyncIterable<StreamEvent>, options: { isTTY?: boolean } = {}) {
  const stdout = Object.assign(new PassThrough(), options);
  const stderr = new PassThrough();
  const source = (async function* () {
    yield* events;
  })();
  const result = await writeAnswer(source, { stdout, stderr } as unknown as Parameters<typeof writeAnswer>[1]).catch(
    (error: Error) => error.message,
  );
  return { result, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('an answer on the terminal', () => {
  it('is its text with a line end, and one line about it on standard error', async () => {
    expect(await write([start, token('Hello'), token(' you'), usage, done])).toEqual({
      result: 0,
      stdout: 'Hello you\n',
      stderr: 'some-model · 3 + 2 tokens (estimated) · first token after 0.2 s · 1.3 s in all\n',
    });
  });

  it('says what it cost, and who answered in whose place after how many attempts', async () => {
    const fallback: StreamEvent = { event: 'fallback', data: { from: 'big', to: 'some-model', reason: 'INFERENCE_ERROR' } };
    const priced: StreamEvent = { ...usage, data: { ...usage.data, cost_usd: 0.0000125 } };
    const third: StreamEvent = { event: 'done', data: { ...done.data, attempts: 3 } };
    const { stderr } = await write([start, fallback, token('Hello'), priced, third]);
    expect(stderr).toBe(
      'big did not answer (INFERENCE_ERROR): some-model is asked instead.\n' +
        'some-model · 3 + 2 tokens (estimated) · $0.000013 · first token after 0.2 s · 1.3 s in all · 3 attempts\n',
    );
  });

  it('says when it was cut by its length', async () => {
    const cut: StreamEvent = { event: 'done', data: { ...done.data, finish_reason: 'length' } };
    expect((await write([start, token('Hel\n'), cut])).stderr).toMatch(/ended by length\n$/);
  });

  it('keeps the text before an error', async () => {
    const error: StreamEvent = { event: 'error', data: { code: 'INFERENCE_ERROR', message: 'It failed.', retryable: true } };
    expect(await write([start, token('Hel'), error])).toEqual({ result: 'It failed.', stdout: 'Hel\n', stderr: '' });
  });

  it('has broken off when the stream ends without done', async () => {
    expect(await write([start, token('Hel')])).toMatchObject({ result: 'The answer broke off.', stdout: 'Hel\n' });
  });

  it('has broken off when the connection drops', async () => {
    const dropping = (async function* () {
      yield start;
      yield token('Hel');
      throw new TypeError('terminated');
    })();
    expect(await write(dropping)).toMatchObject({ result: 'The answer broke off.', stdout: 'Hel\n' });
  });

  it('cannot steer a terminal, and is left alone in a pipe', async () => {
    const text = 'red\u001b[31m\u0007\u009b2J\ttab\n';
    expect((await write([start, token(text), done], { isTTY: true })).stdout).toBe('red[31m2J\ttab\n');
    expect((await write([start, token(text), done])).stdout).toBe(text);
  });
});
