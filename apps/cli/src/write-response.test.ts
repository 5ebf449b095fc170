import { PassThrough } from 'node:stream';
import type { StreamEvent } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createTerminalOutput } from './terminal-text.ts';
import { writeResponse } from './write-response.ts';

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
  const terminal = Object.assign(new PassThrough(), options);
  const stdout = createTerminalOutput(terminal as unknown as NodeJS.WriteStream);
  const stderr = new PassThrough();
  const source = (async function* () {
    yield* events;
  })();
  const result = await writeResponse(source, 'http://gateway', { stdout, stderr } as unknown as Parameters<
    typeof writeResponse
  >[2]).catch((error: Error) => error.message);
  return { result, stdout: String(terminal.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('writeResponse', () => {
  it('writes the text with a newline, and one summary line to standard error', async () => {
    expect(await write([start, token('Hello'), token(' you'), usage, done])).toEqual({
      result: 0,
      stdout: 'Hello you\n',
      stderr: 'some-model · 3 + 2 tokens (estimated) · first token after 0.2 s · 1.3 s total\n',
    });
  });

  it('adds the address of the platform to links to the web UI, also when they arrive in parts', async () => {
    const parts = ['See [a](/re', 'ad/README.md), [', 'b](/read/docs/b.md#c) and [d](/other).]', '('];
    expect((await write([start, ...parts.map(token), done])).stdout).toBe(
      'See [a](http://gateway/read/README.md), [b](http://gateway/read/docs/b.md#c) and [d](/other).](\n',
    );
  });

  it('reports the cost, the fallback and the number of attempts', async () => {
    const fallback: StreamEvent = { event: 'fallback', data: { from: 'big', to: 'some-model', reason: 'INFERENCE_ERROR' } };
    const priced: StreamEvent = { ...usage, data: { ...usage.data, cost_usd: 0.0000125 } };
    const third: StreamEvent = { event: 'done', data: { ...done.data, attempts: 3 } };
    const { stderr } = await write([start, fallback, token('Hello'), priced, third]);
    expect(stderr).toBe(
      'big failed (INFERENCE_ERROR). Falling back to some-model.\n' +
        'some-model · 3 + 2 tokens (estimated) · $0.000013 · first token after 0.2 s · 1.3 s total · 3 attempts\n',
    );
  });

  it('reports a response that the token limit ended', async () => {
    const cut: StreamEvent = { event: 'done', data: { ...done.data, finish_reason: 'length' } };
    expect((await write([start, token('Hel\n'), cut])).stderr).toMatch(/ended by length\n$/);
  });

  it('writes the text before an error', async () => {
    const error: StreamEvent = { event: 'error', data: { code: 'INFERENCE_ERROR', message: 'It failed.', retryable: true } };
    expect(await write([start, token('Hel'), error])).toEqual({ result: 'It failed.', stdout: 'Hel\n', stderr: '' });
  });

  it('reports a truncated response when the stream ends without done', async () => {
    expect(await write([start, token('Hel')])).toMatchObject({
      result: 'The response ended before it was complete.',
      stdout: 'Hel\n',
    });
  });

  it('reports a truncated response when the connection drops', async () => {
    const dropping = (async function* () {
      yield start;
      yield token('Hel');
      throw new TypeError('terminated');
    })();
    expect(await write(dropping)).toMatchObject({ result: 'The response ended before it was complete.', stdout: 'Hel\n' });
  });

  it('removes control characters on a terminal, but not in a pipe', async () => {
    const text = 'red\u001b[31m\u0007\u009b2J\ttab\n';
    expect((await write([start, token(text), done], { isTTY: true })).stdout).toBe('red[31m2J\ttab\n');
    expect((await write([start, token(text), done])).stdout).toBe(text);
  });
});
