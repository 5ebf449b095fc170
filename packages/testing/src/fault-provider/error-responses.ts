import { BROKEN, type Fault, type FaultRequest } from './fault.ts';
import { refusal, SECRET } from './openai-response.ts';

/** Where `redirect_307` sends its caller: another origin, though the same server, so that a follower is seen among its calls. */
export const ELSEWHERE = '/elsewhere';

const KEY_REFUSED = { status: 502, code: 'PROVIDER_KEY_REFUSED' };

function redirect({ response, path }: FaultRequest): void {
  const location = `http://localhost:${response.socket?.localPort}${ELSEWHERE}${path}`;
  response.writeHead(307, { location, 'content-type': 'text/plain' }).end(SECRET);
}

/** Answers with another status than 200. */
export const REFUSALS: Record<string, Fault> = {
  redirect_307: { description: 'Sends its caller to another server', expected: BROKEN, answer: redirect },
  status_400: {
    description: 'Refuses the request',
    expected: { status: 400, code: 'BAD_REQUEST' },
    answer: refusal(400, { type: 'invalid_request_error' }),
  },
  status_401: {
    description: 'Refuses our key',
    expected: KEY_REFUSED,
    answer: refusal(401, { type: 'invalid_request_error', code: 'invalid_api_key' }),
  },
  status_403: { description: 'Refuses our key', expected: KEY_REFUSED, answer: refusal(403, {}) },
  status_404: {
    description: 'Does not know the model',
    expected: { status: 404, code: 'NOT_FOUND' },
    answer: refusal(404, { type: 'invalid_request_error', code: 'model_not_found' }),
  },
  status_413: {
    description: 'Finds it too large',
    expected: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
    answer: refusal(413, {}),
  },
  status_422: {
    description: 'Refuses a field',
    expected: { status: 422, code: 'VALIDATION_ERROR' },
    answer: refusal(422, {}),
  },
  status_429: {
    description: 'Is at its limit, for seven seconds',
    expected: { status: 429, code: 'RATE_LIMITED', retryAfter: '7' },
    answer: refusal(429, { type: 'requests', code: 'rate_limit_exceeded' }, { 'retry-after': '7' }),
  },
  quota_429: {
    description: 'Has no money left, which waiting does not change',
    expected: { status: 429, code: 'QUOTA_EXHAUSTED' },
    answer: refusal(429, { type: 'insufficient_quota', code: 'insufficient_quota' }),
  },
  status_500: { description: 'Fails', expected: BROKEN, answer: refusal(500, { type: 'server_error' }) },
  status_503: { description: 'Is overloaded', expected: BROKEN, answer: refusal(503, {}) },
};
