import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareGateway } from '../gateway-harness.test-support.ts';
import { readAll, STREAM, TYPED } from './generation.test-support.ts';

interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly code: string | null;
  readonly param: string | null;
}

const KEY = 'configured-key-0123';
const INFO = 30;
/** Refusals by model id. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  fixed_temperature: {
    status: 400,
    message: "Unsupported value: 'temperature' does not support 0.7 with this model.",
    code: 'unsupported_value',
    param: 'temperature',
  },
  new_token_limit: {
    status: 400,
    message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    code: 'unsupported_parameter',
    param: 'max_tokens',
  },
  too_long: {
    status: 400,
    message: 'This model takes at most 8192 tokens.',
    code: 'context_length_exceeded',
    param: 'messages',
  },
  filtered: { status: 400, message: 'Blocked by the content policy.', code: 'content_filter', param: null },
  unknown_model: { status: 404, message: 'The model does not exist.', code: 'model_not_found', param: 'model' },
  too_large: { status: 413, message: 'The request is too large.', code: 'request_too_large', param: null },
  invalid_field: { status: 422, message: 'Input should be at most 2.', code: null, param: 'top_p' },
  leaking: {
    status: 400,
    message: `Rejected for key ${KEY} by http://user:secret@10.0.0.7:8000/v1 on gpu-7.internal`,
    code: KEY,
    param: null,
  },
};
const messages = [{ role: 'user', content: 'Hi' }];

/** The names that the fields of a chat completion have in the Responses API, and in a request without earlier messages. */
const RESPONSES_FIELDS: Readonly<Record<string, string>> = { messages: 'input', max_tokens: 'max_output_tokens' };
const GENERATE_FIELDS: Readonly<Record<string, string>> = { messages: 'prompt' };

describe.each(['in one process', 'over HTTP/2', 'over HTTP/1.1'] as const)(
  'a request that a provider refuses, model service %s',
  (topology) => {
    const startShared = shareGateway(topology);
    let calls = 0;
    const server = createServer(async (request, response) => {
      if (request.method !== 'POST') return void response.end('{"data":[]}');
      let body = '';
      for await (const part of request) body += part;
      const { status, ...error } = REFUSALS[JSON.parse(body).model] as Refusal;
      calls += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    let adapter: ReturnType<typeof createOpenAiCompatibleProvider>;

    beforeAll(async () => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      adapter = createOpenAiCompatibleProvider({ name: 'strict', baseUrl, apiKey: KEY, connectTimeoutMs: 5_000 });
    });
    afterAll(async () => {
      await adapter.close();
      server.close();
    });

    const start = () => {
      calls = 0;
      return startShared({ topology, providers: [{ endpoints: [adapter], acceptsOtherIds: true }] });
    };

    it.each(Object.entries(REFUSALS).filter(([model]) => model !== 'leaking'))(
      'gets the reason in every format, after one call: %s',
      async (model, { status, message, code, param }) => {
        const { post } = await start();
        const generated = await post('/api/v1/generate', { prompt: 'Hi', model });
        expect([generated.status, (await generated.json()).error]).toMatchObject([
          status,
          { message, provider: { code, param: param && (GENERATE_FIELDS[param] ?? param) } },
        ]);
        expect(calls).toBe(1);

        const completed = await post('/v1/chat/completions', { messages, model });
        const { error } = await completed.json();
        expect([completed.status, error]).toMatchObject([status, { message, param, type: 'invalid_request_error' }]);
        if (code !== null) expect(error.code).toBe(code);

        const events = await readAll(await post(STREAM, { prompt: 'Hi', model }, TYPED));
        expect(events.at(-1)).toMatchObject({ event: 'error', data: { message, retryable: false } });

        const response = await (await post('/v1/responses', { input: 'Hi', model })).json();
        const field = param && (RESPONSES_FIELDS[param] ?? param);
        expect(response.error).toMatchObject({ message: message.replace(`'${param}'`, `'${field}'`), param: field });
        expect(calls).toBe(4);
      },
    );

    it('never gets a key, a URL or a host, and no log at info or above contains the reason', async () => {
      const { post, log } = await start();
      const texts = [
        await (await post('/api/v1/generate', { prompt: 'Hi', model: 'leaking' })).text(),
        await (await post('/v1/chat/completions', { messages, model: 'leaking' })).text(),
        await (await post(STREAM, { prompt: 'Hi', model: 'leaking' }, TYPED)).text(),
      ];
      for (const text of texts) {
        expect(text).toContain('Rejected for key [redacted]');
        expect(text).not.toMatch(/configured-key|secret|10\.0\.0\.7|gpu-7|127\.0\.0\.1/);
      }
      expect(log()).not.toMatch(/configured-key|secret@|gpu-7/);
      const fromInfo = log()
        .split('\n')
        .filter((line) => line !== '' && JSON.parse(line).level >= INFO);
      expect(fromInfo.join('')).not.toContain('Rejected for key');
    });
  },
);
