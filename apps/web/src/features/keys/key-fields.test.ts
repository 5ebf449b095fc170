import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { NOT_A_NUMBER } from '../../design/optional-number.ts';
import { createKey } from './api-key.test-support.ts';
import { changesOf, errorsOf, fieldsOf, type KeyFields, parseKeyFields } from './key-fields.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const EMPTY = { ...fieldsOf(null, 'ada'), name: 'ci' };
const parse = (changes: Partial<KeyFields>) => parseKeyFields({ ...EMPTY, ...changes }, NOW);

const NAME_RULE = 'Use letters, digits, single spaces and . _ @ -. Start with a letter or digit, and do not end with a space';

describe('parseKeyFields', () => {
  it('turns empty fields into null', () => {
    expect(parse({})).toEqual({
      request: {
        name: 'ci',
        owner: 'ada',
        role: 'member',
        expires_at: null,
        limits: { requests_per_min: null, tokens_per_min: null, streams: null },
        budget: { usd_per_day: null, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
        models: null,
      },
    });
  });

  it('reads the expiry in the time zone of the browser', () => {
    const expires_at = new Date('2026-12-24T18:00').toISOString();
    expect(parse({ expires_at: '2026-12-24T18:00' })).toMatchObject({ request: { expires_at } });
    expect(fieldsOf(createKey({ expires_at }), 'ada').expires_at).toBe('2026-12-24T18:00');
  });

  it.each([
    [{ name: ' ' }, { name: 'Must not be empty' }],
    [{ name: '-' }, { name: NAME_RULE }],
    [{ owner: '!' }, { owner: NAME_RULE }],
    [{ requests_per_min: '0' }, { requests_per_min: 'At least 1' }],
    [{ requests_per_min: '1.5' }, { requests_per_min: 'Must be a whole number' }],
    [{ streams: NOT_A_NUMBER }, { streams: 'Must be a number' }],
    [{ usd_per_day: '1000001' }, { usd_per_day: 'At most 1,000,000' }],
    [{ models: [] }, { models: 'Select at least one model' }],
    [{ expires_at: '2001-01-01T00:00' }, { expires_at: 'Must be in the future' }],
  ])('rejects %j', (changes, errors) => {
    expect(parse(changes)).toEqual({ errors });
  });
});

describe('changesOf', () => {
  const before = fieldsOf(createKey({ models: ['a'], expires_at: '2026-12-24T18:00:30Z' }), 'ada');
  const changesTo = (changes: Partial<KeyFields>) => {
    const after = { ...before, ...changes };
    const parsed = parseKeyFields(after, NOW);
    return 'request' in parsed ? changesOf(before, after, parsed.request) : parsed;
  };

  it('contains only the changed fields', () => {
    expect(changesTo({})).toEqual({});
    expect(changesTo({ models: ['a'] })).toEqual({});
    expect(changesTo({ name: 'new', streams: '2', usd_per_day: '0.5' })).toEqual({
      name: 'new',
      limits: { streams: 2 },
      budget: { usd_per_day: 0.5 },
    });
  });

  it('removes with null', () => {
    expect(changesTo({ models: null, expires_at: '' })).toEqual({ models: null, expires_at: null });
  });
});

describe('errorsOf', () => {
  it('assigns the details of the API to the fields of the form', () => {
    const details = [
      { path: 'limits.streams', message: 'Too many' },
      { path: 'models[0]', message: 'Not allowed' },
      { path: 'elsewhere', message: 'Odd' },
    ];
    expect(errorsOf(new AppError('VALIDATION_ERROR', undefined, { details }))).toEqual({
      streams: 'Too many',
      models: 'Not allowed',
    });
  });
});
