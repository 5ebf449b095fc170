import { createSimulatorProvider } from '@prodigon/model-providers';
import { describe, expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { normalizeOpenAiUrl } from './openai-paths.ts';

const normalize = (url: string, method = 'POST', accept = '*/*') => normalizeOpenAiUrl({ url, method, headers: { accept } });

describe('the URL of an OpenAI endpoint', () => {
  it.each([
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/chat/completions', '/v1/chat/completions'],
    ['//v1/chat/completions', '/v1/chat/completions'],
    ['/v1//chat//completions', '/v1/chat/completions'],
    ['/v1/chat/completions/', '/v1/chat/completions'],
    ['/v1/chat/completions//?a=//b/', '/v1/chat/completions?a=//b/'],
    ['/v1/v1/chat/completions', '/v1/chat/completions'],
    ['/openai/chat/completions', '/openai/v1/chat/completions'],
    ['/openai//v1/responses', '/openai/v1/responses'],
    ['/responses?x=1', '/v1/responses?x=1'],
    ['/embeddings/', '/v1/embeddings'],
  ])('%s becomes %s', (url, expected) => {
    expect(normalize(url)).toBe(expected);
  });

  it.each([
    ['/models', '/v1/models'],
    ['//v1/models/', '/v1/models'],
    ['/v1/models//openai/gpt-oss-120b/', '/v1/models/openai/gpt-oss-120b'],
    ['/v1/models/a//b', '/v1/models/a//b'],
  ])('%s becomes %s for a client that lists models', (url, expected) => {
    expect(normalize(url, 'GET')).toBe(expected);
  });

  it('is unchanged for the pages of the web UI and for other paths', () => {
    expect(normalize('/models', 'GET', 'text/html,*/*')).toBe('/models');
    for (const url of ['/chat/completions', '/models/x', '/chat', '/', '//', '*', '', '/api/v1/models/', '/v1/completions'])
      expect(normalize(url, 'GET')).toBe(url);
    for (const url of ['/v1', '/v1/', '/v1/chat/completionsx', '/x/v1/responses', 'http://h/v1/responses', '/metrics/'])
      expect(normalize(url)).toBe(url);
  });
});

it.each(['/chat/completions', '//v1/chat/completions', '/v1/chat/completions/'])('POST %s responds', async (path) => {
  const { post } = await startPlatform({ topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }] });
  const body = { model: 'prodigon-sim?tokens=1&ttft_ms=0', messages: [{ role: 'user', content: 'x' }] };
  expect(await (await post(path, body)).json()).toMatchObject({ object: 'chat.completion' });
  // Errors, too, have OpenAI's format.
  expect(await (await post(path, {})).json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});
