import { JOB_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createJobFixture } from '../job.test-support.ts';
import { EMPTY_FIELDS, jobToFields, parseFields } from './draft.ts';

describe('parseFields and jobToFields', () => {
  it('returns the API defaults for unchanged fields', () => {
    expect(parseFields(EMPTY_FIELDS)).toEqual({
      options: { max_tokens: 1_024, temperature: 0.7, priority: 0, expires_in_hours: 24 },
    });
  });

  it('validates each field by the schema of the API', () => {
    const read = parseFields({ ...EMPTY_FIELDS, max_tokens: '', temperature: '2.5', priority: '1.5', expires_in_hours: '169' });
    expect('errors' in read && Object.keys(read.errors).sort()).toEqual([
      'expires_in_hours',
      'max_tokens',
      'priority',
      'temperature',
    ]);
  });

  it('copies the options of a job under a new name', () => {
    const job = createJobFixture({ name: 'x'.repeat(JOB_LIMITS.nameCharactersMax), model: 'prodigon-sim?tokens=5', priority: 3 });
    const fields = jobToFields(job);
    expect(fields).toMatchObject({ model: 'prodigon-sim?tokens=5', priority: '3', expires_in_hours: '24' });
    expect(fields.name).toMatch(/x \(copy\)$/);
    expect('options' in parseFields(fields)).toBe(true);
  });

  it('divides no emoji of a long name', () => {
    const fields = jobToFields(createJobFixture({ name: `${'x'.repeat(112)}😀😀😀😀` }));
    expect(fields.name).toBe(`${'x'.repeat(112)} (copy)`);
    expect('options' in parseFields(fields)).toBe(true);
  });

  it('keeps the expiry of a clone within the limits of the API', () => {
    const hoursOf = (expires_at: string) => jobToFields(createJobFixture({ expires_at })).expires_in_hours;
    expect(hoursOf('2026-11-23T10:10:00.000Z')).toBe('1');
    expect(hoursOf('2027-11-23T10:00:00.000Z')).toBe(String(JOB_LIMITS.expiresInHoursMax));
  });
});
