import { describe, expect, it } from 'vitest';
import { NOT_A_NUMBER } from '../../design/optional-number.ts';
import { BUILT_IN_LIMITS, parseApiLimits } from './api-limits.ts';
import { DEFAULT_SETTINGS } from './chat-settings.ts';
import { parseFields, settingsToFields } from './settings-fields.ts';

const LIMITS = BUILT_IN_LIMITS;
const FIELDS = settingsToFields(DEFAULT_SETTINGS);

describe('parseFields', () => {
  it('parses its own fields and omits empty ones', () => {
    expect(parseFields(FIELDS, LIMITS)).toEqual({ settings: DEFAULT_SETTINGS });
    const settings = { model: 'm', system_prompt: ' Be brief.', max_tokens: 5, temperature: 0 };
    expect(parseFields(settingsToFields(settings), LIMITS)).toEqual({ settings });
    expect(parseFields({ ...FIELDS, system_prompt: '  ' }, LIMITS)).toEqual({ settings: DEFAULT_SETTINGS });
  });

  it.each([
    ['too many tokens', { max_tokens: '2147483648' }, 'max_tokens'],
    ['no tokens', { max_tokens: '0' }, 'max_tokens'],
    ['half a token', { max_tokens: '1.5' }, 'max_tokens'],
    ['what is not a number', { temperature: NOT_A_NUMBER }, 'temperature'],
    ['a temperature that is too high', { temperature: '2.1' }, 'temperature'],
    ['a system prompt that is too long', { system_prompt: 'x'.repeat(4_000_001) }, 'system_prompt'],
  ])('rejects %s with an error for its field', (_what, changes, field) => {
    expect(parseFields({ ...FIELDS, ...changes }, LIMITS)).toEqual({
      errors: expect.objectContaining({ [field]: expect.any(String) }),
    });
  });

  it('applies the limits of the running API instead of those at build time', () => {
    const limits = { ...LIMITS, max_tokens: { minimum: 1, maximum: 2_000 } };
    expect(parseFields({ ...FIELDS, max_tokens: '2001' }, limits)).toEqual({
      errors: expect.objectContaining({ max_tokens: 'At most 2,000' }),
    });
    expect(parseFields({ ...FIELDS, max_tokens: '2000' }, limits)).toHaveProperty('settings');
    expect(parseFields({ ...FIELDS, max_tokens: '1' }, { ...limits, max_tokens: { ...limits.max_tokens, minimum: 2 } })).toEqual({
      errors: expect.objectContaining({ max_tokens: 'At least 2' }),
    });
  });
});

describe('parseApiLimits', () => {
  const limits = { max_tokens: { minimum: 1, maximum: 9 }, temperature: { minimum: 0, maximum: 1 } };
  const optional = (range: object) => ({ anyOf: [{ type: 'number', ...range }, { type: 'null' }] });
  const options = { max_tokens: optional(limits.max_tokens), temperature: optional(limits.temperature) };

  it('reads the limits from an OpenAPI document', () => {
    const schema = { $ref: '#/components/schemas/Question' };
    const description = {
      paths: { '/api/v1/generate': { post: { requestBody: { content: { 'application/json': { schema } } } } } },
      components: { schemas: { Question: { type: 'object', properties: { prompt: { type: 'string' }, ...options } } } },
    };
    expect(parseApiLimits(description)).toEqual(limits);
  });

  it('throws if the limits are missing', () => {
    expect(() => parseApiLimits({ paths: {}, components: { schemas: {} } })).toThrow();
  });
});
