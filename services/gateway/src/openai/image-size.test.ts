import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { closeAfterAll, startPlatform } from '../gateway-harness.test-support.ts';
import { startCompletionProvider } from './completion-provider.test-support.ts';
import { OPENAI_BODY_BYTES_MAX } from './openai-api.ts';

const onClose = closeAfterAll();
const MEGABYTE = 1 << 20;

it('passes an image of 20 MB to the provider', async () => {
  const { provider, requests } = await startCompletionProvider(onClose);
  const endpoint = { ...provider, models: async () => [{ id: 'vision' }] };
  const platform = await startPlatform({ topology: 'over HTTP/2', providers: [{ endpoints: [endpoint] }] }, onClose);
  const url = `data:image/png;base64,${Buffer.alloc(20 * MEGABYTE).toString('base64')}`;
  const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
  expect((await platform.post('/v1/chat/completions', { model: 'vision', messages })).status).toBe(200);
  // A comparison of the values would print 28 MB when it fails.
  expect(JSON.stringify(requests[0]?.messages) === JSON.stringify(messages)).toBe(true);
});

it('has the documented limit', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/architecture/api-reference.md'), 'utf8');
  const limit = OPENAI_BODY_BYTES_MAX / MEGABYTE;
  expect(page).toContain(
    `| Bytes, for chat completions and responses | ${limit} MB, which fits an image of 20 MB as Base64 | 413 |`,
  );
});
