import { describe, expect, it } from 'vitest';
import { createReasonRedactor, readReason } from './refusal-reason.ts';

const redact = createReasonRedactor({
  secrets: ['configured-secret-1', 'configured-secret-2'],
  baseUrls: ['http://inference-box:8080/v1', 'https://llm.example.com/v1'],
});
const reasonOf = (body: unknown) => readReason(body, redact);

describe('the reason of a refusal', () => {
  it.each<[string, unknown, object]>([
    [
      "OpenAI's format",
      { error: { message: "Unsupported parameter: 'max_tokens'.", code: 'unsupported_parameter', param: 'max_tokens' } },
      { message: "Unsupported parameter: 'max_tokens'.", code: 'unsupported_parameter', param: 'max_tokens' },
    ],
    ['a numeric code', { error: { message: 'No', code: 400 } }, { message: 'No', code: null, param: null }],
    ['an error that is a text', { error: 'No such field' }, { message: 'No such field', code: null, param: null }],
    ['a message alone', { message: 'No', code: 'bad' }, { message: 'No', code: 'bad', param: null }],
    ["FastAPI's text", { detail: 'Too long' }, { message: 'Too long', code: null, param: null }],
    [
      "FastAPI's list",
      { detail: [{ loc: ['body', 'temperature'], msg: 'Too hot', type: 'less_than' }] },
      { message: 'Too hot', code: 'less_than', param: 'temperature' },
    ],
  ])('is read from %s', (_case, body, reason) => {
    expect(reasonOf(body)).toEqual(reason);
  });

  it.each([[undefined], [null], ['text'], [{}], [{ error: {} }], [{ error: { message: ' \n ' } }], [{ error: { message: 7 } }]])(
    'is missing for %j',
    (body) => {
      expect(reasonOf(body)).toBeUndefined();
    },
  );

  it('is bounded and on one line, without characters that change how a line is shown', () => {
    const message = `a\r\n\u2028b\u202e\u0000\ud800${'x'.repeat(5_000)}`;
    const text = reasonOf({ error: { message } })?.message ?? '';
    expect(text).toMatch(/^a b \ufffdx+…$/);
    expect(text).toHaveLength(1_000);
  });
});

describe('redaction', () => {
  it.each([
    ['a configured secret', 'key configured-secret-1 is wrong'],
    ['a key', 'Incorrect API key provided: sk-abcdefghijk12345'],
    ['a masked key', 'Incorrect API key provided: sk-abcd********wxyz'],
    ['a bearer token', 'Authorization: Bearer abcdefgh12345678'],
    ['a URL with credentials', 'POST https://user:canary@host/path?key=canary failed'],
    ['a URL of a database', 'postgres://canary@db/canary'],
    ['a host with a port', 'connect to gpu-node-7:8000 failed'],
    ['a host name', 'see gpu-node-7.cluster.internal for details'],
    ['a configured host', 'inference-box has no slot'],
    ['an IPv4 address', 'upstream 10.1.2.3:8080 failed'],
    ['an IPv6 address', 'upstream [fd00::1]:8080 failed'],
    ['localhost', 'localhost:11434 refused'],
    ['an account', 'limit of organization `org_canary7` reached'],
    ['a long token', 'token 0123456789abcdef0123456789abcdef is unknown'],
  ])('removes %s', (_case, text) => {
    const clean = redact(text);
    expect(clean).toContain('[redacted]');
    expect(clean).not.toMatch(/canary|secret-1|abcd|gpu-node|inference-box|10\.1|fd00|localhost|0123456789/);
  });

  it.each([
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'Invalid value at messages[0].content.text: got 3.14 for gpt-4.1-mini at 12:30',
    'openai/gpt-oss-120b takes at most 131072 tokens, claude-3.5-sonnet-20241022 more',
  ])('keeps %j', (text) => {
    expect(redact(text)).toBe(text);
  });
});
