import { matrixDeployments } from '@prodigon/testing';
import { describe, expect, it } from 'vitest';
import { deploy, LONG_TEST_MS } from './deployment.test-support.ts';
import { openRaw, postOf } from './raw-request.test-support.ts';

const ORIGINS = [
  'https://evil.example.com',
  'null',
  'http://localhost.evil.com',
  'http://127.0.0.1.evil.com',
  'http://evil.com:8000',
  'file://',
  'http://localhost@evil.com',
  'https://chat.example.com.evil.com',
];
const HOSTS = ['evil.example.com', '127.0.0.1.evil.com', 'localhost.evil.com:8000', '203.0.113.7', ''];
const POST_PATHS = [
  '/api/v1/generate',
  '/api/v1/generate/stream',
  '/api/v1/jobs',
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/embeddings',
];
const BODY = JSON.stringify({
  prompt: 'Hi',
  prompts: ['Hi'],
  input: 'Hi',
  messages: [{ role: 'user', content: 'Hi' }],
  model: 'healthy',
});

describe.each(matrixDeployments('monolith'))('%s', (name) => {
  it(
    'rejects every request of another website, for any forged origin or host',
    async () => {
      const { post, url, provider } = await deploy(name, { env: { ALLOWED_ORIGINS: 'https://chat.example.com' } });
      const { job_id } = await (await post('/api/v1/jobs', { prompts: ['own'], model: 'gated' })).json();
      const requests = [
        ...POST_PATHS.map((path) => ({ method: 'POST', path })),
        { method: 'POST', path: `/api/v1/jobs/${job_id}/cancel` },
        { method: 'POST', path: `/api/v1/jobs/${job_id}/retry` },
        { method: 'DELETE', path: `/api/v1/jobs/${job_id}` },
        ...['/api/v1/jobs', `/api/v1/jobs/${job_id}/events`, '/api/v1/models', '/api/v1/usage', '/metrics'].map((path) => ({
          method: 'GET',
          path,
        })),
      ];
      for (const origin of ORIGINS) {
        for (const { method, path } of requests) {
          const response = await fetch(`${url}${path}`, {
            method,
            headers: { origin, 'content-type': 'application/json', cookie: 'session=1' },
            ...(method === 'POST' && { body: BODY }),
          });
          expect([origin, method, path, response.status]).toEqual([origin, method, path, 403]);
          expect(response.headers.get('access-control-allow-origin')).toBeNull();
          await response.text();
        }
        const preflight = await fetch(`${url}/api/v1/generate`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
        });
        expect([origin, preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([origin, 403, null]);
      }
      // DNS rebinding makes another website's host name point to this machine.
      for (const host of HOSTS) {
        for (const path of POST_PATHS) {
          const response = await openRaw(url, postOf(path, BODY, { Host: host })).response;
          expect([host, path, response.slice(0, 12)]).toEqual([host, path, expect.toBeOneOf(['HTTP/1.1 403', 'HTTP/1.1 400'])]);
        }
      }
      // An HTML form can send these content types without a preflight.
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const response = await post('/api/v1/generate', BODY, { headers: { 'content-type': type } });
        expect([type, response.status]).toEqual([type, 415]);
      }
      expect(provider.calls.filter(({ prompt }) => prompt !== 'own')).toEqual([]);
      expect((await (await fetch(`${url}/api/v1/jobs`)).json()).jobs).toMatchObject([{ job_id, cancelling: false }]);
      // Requests from an allowed origin succeed.
      const allowed = await post('/api/v1/generate', BODY.replace(/"(prompts|input|messages)":(\[[^\]]*\]|"Hi"),/g, ''), {
        headers: { origin: 'https://chat.example.com' },
      });
      expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://chat.example.com']);
    },
    LONG_TEST_MS,
  );
});
