import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { describe, expect, it } from 'vitest';
import { startPlatform } from '../gateway-harness.test-support.ts';
import { IMPLEMENTED_ENDPOINTS, UNSUPPORTED_ENDPOINTS } from './openai-endpoints.ts';
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

describe('a path of OpenAI that Prodigon does not implement', () => {
  const NAMES = Object.keys(UNSUPPORTED_ENDPOINTS);
  const pathOf = (name: string) => name.replace('{id}', 'abc');

  it.each(NAMES)('%s is normalized as the implemented ones are', (name) => {
    const path = pathOf(name);
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect(normalize(`/v1/${path}`, method)).toBe(`/v1/${path}`);
      expect(normalize(`//openai/v1//${path}/`, method)).toBe(`/openai/v1/${path}`);
    }
    expect(normalize(`/${path}`)).toBe(`/v1/${path}`);
    expect(normalize(`/${path}/x/y?limit=1`)).toBe(`/v1/${path}/x/y?limit=1`);
    expect(normalize(`/${path}`, 'GET', 'text/html,*/*')).toBe(`/${path}`);
    expect(normalize(`/${path}x`)).toBe(name.endsWith('{id}') ? `/v1/${path}x` : `/${path}x`);
  });

  it('never shadows a page of the web UI or an implemented path', () => {
    for (const path of [...Object.values(WEB_UI_ROUTES), '/assets/x', '/docs', '/api/v1/jobs'])
      for (const url of [path, `${path}/abc`]) expect(normalize(url, 'GET')).toBe(url);
  });

  it('receives 404 with its name and an advice in the format of OpenAI', async () => {
    const { url } = await startPlatform({ topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }] });
    for (const name of NAMES)
      for (const base of ['/v1/', '/openai/v1/', '/']) {
        const body = new FormData();
        body.set('file', 'x');
        const response = await fetch(`${url}${base}${pathOf(name)}`, { method: 'POST', body });
        expect([response.status, await response.json()]).toEqual([
          404,
          {
            error: {
              message: `This path does not exist. Prodigon does not implement \`/v1/${name}\`. ${UNSUPPORTED_ENDPOINTS[name]}`,
              type: 'invalid_request_error',
              param: null,
              code: 'not_found',
            },
          },
        ]);
      }
    for (const path of [
      '/v1/files',
      '/v1/realtime?model=x',
      '/v1/responses/resp_1',
      '/v1/chat/completions/chatcmpl-1/messages',
    ]) {
      const { error } = await (await fetch(url + path)).json();
      expect(error.message).toContain('Prodigon does not implement');
    }
    expect((await (await fetch(`${url}/v1/unheard-of`)).json()).error.message).toContain(
      'The endpoints are POST /v1/chat/completions,',
    );
  });

  it('is listed in the API reference with the same advice', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/architecture/api-reference.md'), 'utf8');
    const [, section = ''] = /## Unsupported OpenAI endpoints\n([\s\S]*?)\n## /.exec(page) ?? [];
    const rows = [...section.matchAll(/^\| (`.*`) \| (.*) \|$/gm)].flatMap(([, names = '', advice = '']) =>
      [...names.matchAll(/`\/v1\/(.*?)`/g)].map(([, name = '']) => [name, advice]),
    );
    expect(Object.fromEntries(rows)).toEqual(UNSUPPORTED_ENDPOINTS);
  });
});

it.each(['/v1', '/v1/', '/openai/v1', '/openai/v1/', '/v1?x=1'])('GET %s describes the API', async (path) => {
  const { url } = await startPlatform({ topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }] });
  expect(await (await fetch(url + path)).json()).toMatchObject({ object: 'api', endpoints: IMPLEMENTED_ENDPOINTS });
  const other = await fetch(url + path, { method: 'POST' });
  expect([other.status, (await other.json()).error.type]).toEqual([405, 'invalid_request_error']);
});

it.each(['/chat/completions', '//v1/chat/completions', '/v1/chat/completions/'])('POST %s responds', async (path) => {
  const { post } = await startPlatform({ topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }] });
  const body = { model: 'prodigon-sim?tokens=1&ttft_ms=0', messages: [{ role: 'user', content: 'x' }] };
  expect(await (await post(path, body)).json()).toMatchObject({ object: 'chat.completion' });
  // Errors, too, have OpenAI's format.
  expect(await (await post(path, {})).json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});
