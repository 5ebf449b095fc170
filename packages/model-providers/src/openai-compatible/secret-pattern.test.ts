import { describe, expect, it } from 'vitest';
import { createReasonRedactor } from './refusal-reason.ts';
import { createSecretPattern } from './secret-pattern.ts';

const SECRET = 'my.Secret/key+1?~ü';
const pattern = createSecretPattern(['another secret', SECRET]) ?? expect.unreachable();
const hide = (text: string) => text.replace(pattern, '*');
const base64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(text).toString(encoding);
const percent = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');

describe('a secret that a provider quotes', () => {
  it.each([
    ['in plain text', SECRET],
    ['with encodeURIComponent', encodeURIComponent(SECRET)],
    ['with every character percent-encoded', percent(SECRET)],
    ['with every character percent-encoded in lower case', percent(SECRET).toLowerCase()],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in upper-case hexadecimal', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['split by spaces', Array.from(SECRET).join(' ')],
    ['split by line breaks', `${SECRET.slice(0, 5)}\r\n  ${SECRET.slice(5)}`],
  ])('is found %s', (_name, quoted) => {
    expect(hide(`Key "${quoted}" is wrong`)).toBe('Key "*" is wrong');
  });

  it.each(['', 'x', 'xy', 'Bearer ', 'user:', 'api-key='])('is found in base64 after %j', (before) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const quoted = base64(`${before}${SECRET}`, encoding);
      for (const text of [quoted, Array.from(quoted).join('\n')]) expect(hide(text).length).toBeLessThan(text.length / 2 + 8);
    }
  });

  it('leaves other texts unchanged', () => {
    const texts = ['my.Secret', 'myXSecret/key+1?~ü', base64('another text of the same length'), 'mysecretkey'];
    for (const text of texts) expect(hide(text)).toBe(text);
  });

  it('reaches no client', () => {
    const redact = createReasonRedactor({ secrets: [SECRET], baseUrls: [] });
    expect(redact(`Basic ${base64(`user:${SECRET}`)} and ${Array.from(SECRET).join(' ')}`)).not.toMatch(/S ?e ?c ?r ?e ?t|U2Vjc/);
  });

  it('is not sought without secrets, or for short ones', () => {
    expect([createSecretPattern([]), createSecretPattern(['short'])]).toEqual([null, null]);
  });
});
