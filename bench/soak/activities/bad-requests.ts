import { checkRejection, RIGHT } from '../verdict.ts';
import type { Activity } from './activity.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Invalid requests with the expected status. */
const BAD_REQUESTS: readonly { path: string; init: RequestInit; status: number }[] = [
  { path: '/api/v1/generate', init: { method: 'POST', headers: JSON_TYPE, body: '{"prompt": ' }, status: 400 },
  { path: '/api/v1/generate', init: { method: 'POST', headers: JSON_TYPE, body: '{"prompt": ""}' }, status: 422 },
  { path: '/api/v1/generate', init: { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<p/>' }, status: 415 },
  {
    path: '/api/v1/generate',
    init: { method: 'POST', headers: JSON_TYPE, body: `{"prompt": "${'x'.repeat(20_000)}"}` },
    status: 422,
  },
  {
    path: '/v1/chat/completions',
    init: { method: 'POST', headers: JSON_TYPE, body: '{"model": "slow_20", "messages": 3}' },
    status: 400,
  },
  { path: '/v1/chat/completions', init: { method: 'POST', headers: JSON_TYPE, body: '['.repeat(50_000) }, status: 400 },
  { path: '/api/v1/jobs', init: { method: 'POST', headers: JSON_TYPE, body: '{"prompts": []}' }, status: 422 },
  { path: '/api/v1/jobs/no-such-job', init: {}, status: 404 },
  { path: '/api/v1/nothing', init: {}, status: 404 },
];

export const sendBadRequest: Activity = async ({ url, random }) => {
  const { path, init, status } = random.pick(BAD_REQUESTS);
  const verdict = await checkRejection(await fetch(`${url}${path}`, init), [status]);
  return verdict.kind === 'refused' ? RIGHT : verdict;
};
