import { JOB_LIMITS } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { NOT_A_NUMBER } from '../../../design/optional-number.ts';
import { createJobFixture } from '../job.test-support.ts';
import { EMPTY_FIELDS, jobToFields, parseFields } from './draft.ts';

describe('parseFields and jobToFields', () => {
  it('leaves the options of unchanged fields to the model', () => {
    expect(parseFields(EMPTY_FIELDS)).toEqual({ options: { priority: 0, expires_in_hours: 24 } });
  });

  it('keeps absent options absent in a clone, and given ones given', () => {
    const optionsOf = (job: object) => parseFields(jobToFields(createJobFixture(job)));
    expect(optionsOf({ max_tokens: null, temperature: null })).not.toMatchObject({ options: { temperature: expect.anything() } });
    expect(optionsOf({ max_tokens: 5, temperature: 0 })).toMatchObject({ options: { max_tokens: 5, temperature: 0 } });
  });

  it('validates each field by the schema of the API', () => {
    const read = parseFields({
      ...EMPTY_FIELDS,
      max_tokens: NOT_A_NUMBER,
      temperature: '2.5',
      priority: '',
      expires_in_hours: '169',
    });
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
