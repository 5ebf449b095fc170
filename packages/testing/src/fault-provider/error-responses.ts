import { BROKEN, type Fault, type FaultRequest } from './fault.ts';
import { errorResponse, SECRET } from './openai-response.ts';

/** Path prefix of redirects to another origin of the same server, which records the calls of clients that follow them. */
export const REDIRECT_PREFIX = '/elsewhere';

const KEY_REJECTED = { status: 502, code: 'PROVIDER_KEY_REFUSED' };

function redirect({ response, path }: FaultRequest): void {
  const location = `http://localhost:${response.socket?.localPort}${REDIRECT_PREFIX}${path}`;
  response.writeHead(307, { location, 'content-type': 'text/plain' }).end(SECRET);
}

/** Responses with another status than 200. */
export const ERROR_RESPONSES: Record<string, Fault> = {
  redirect_307: { description: 'Redirects the client to another server', expected: BROKEN, respond: redirect },
  status_400: {
    description: 'Rejects the request',
    expected: { status: 400, code: 'BAD_REQUEST' },
    respond: errorResponse(400, { type: 'invalid_request_error' }),
  },
  status_401: {
    description: 'Rejects the API key',
    expected: KEY_REJECTED,
    respond: errorResponse(401, { type: 'invalid_request_error', code: 'invalid_api_key' }),
  },
  status_403: { description: 'Rejects the API key', expected: KEY_REJECTED, respond: errorResponse(403, {}) },
  status_404: {
    description: 'Does not know the model',
    expected: { status: 404, code: 'NOT_FOUND' },
    respond: errorResponse(404, { type: 'invalid_request_error', code: 'model_not_found' }),
  },
  status_413: {
    description: 'Rejects the request as too large',
    expected: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
    respond: errorResponse(413, {}),
  },
  status_422: {
    description: 'Rejects a field',
    expected: { status: 422, code: 'VALIDATION_ERROR' },
    respond: errorResponse(422, {}),
  },
  status_429: {
    description: 'Returns a rate limit error with Retry-After: 7',
    expected: { status: 429, code: 'RATE_LIMITED', retryAfter: '7' },
    respond: errorResponse(429, { type: 'requests', code: 'rate_limit_exceeded' }, { 'retry-after': '7' }),
  },
  quota_429: {
    description: 'Returns an exhausted quota, which waiting does not restore',
    expected: { status: 429, code: 'QUOTA_EXHAUSTED' },
    respond: errorResponse(429, { type: 'insufficient_quota', code: 'insufficient_quota' }),
  },
  status_500: { description: 'Fails', expected: BROKEN, respond: errorResponse(500, { type: 'server_error' }) },
  status_503: { description: 'Is overloaded', expected: BROKEN, respond: errorResponse(503, {}) },
};
