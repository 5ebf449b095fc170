import { loadConfiguration } from '@prodigon/platform';
import { describe, expect, it } from 'vitest';
import { modelServiceUrls, workerServiceUrls } from './create-service-clients.ts';

describe('modelServiceUrls', () => {
  it.each([
    [{}, ['http://127.0.0.1:8001']],
    [{ MODEL_PORT: '9001' }, ['http://127.0.0.1:9001']],
    [{ INTERNAL_HOST: '::1' }, ['http://[::1]:8001']],
    [{ INTERNAL_HOST: '0.0.0.0', INTERNAL_TOKEN: 'token-of-sixteen-letters' }, ['http://127.0.0.1:8001']],
    [{ MODEL_SERVICE_URL: 'http://model:80/' }, ['http://model:80']],
    [{ MODEL_SERVICE_URL: 'http://a:1/, http://b:2' }, ['http://a:1', 'http://b:2']],
  ])('maps %j to %j', (env, urls) =>
    expect(modelServiceUrls(loadConfiguration({ env: env as Record<string, string>, directory: import.meta.dirname }))).toEqual(
      urls,
    ),
  );
});

describe('workerServiceUrls', () => {
  it.each([
    [{}, ['http://127.0.0.1:8002']],
    [{ WORKER_PORT: '9002', INTERNAL_HOST: '::', INTERNAL_TOKEN: 'token-of-sixteen-letters' }, ['http://127.0.0.1:9002']],
    [{ INTERNAL_HOST: 'localhost' }, ['http://localhost:8002']],
    [{ WORKER_SERVICE_URL: 'http://a:1/, http://b:2' }, ['http://a:1', 'http://b:2']],
  ])('maps %j to %j', (env, urls) => {
    const configuration = loadConfiguration({ env: env as Record<string, string>, directory: import.meta.dirname });
    expect(workerServiceUrls(configuration)).toEqual(urls);
  });
});
