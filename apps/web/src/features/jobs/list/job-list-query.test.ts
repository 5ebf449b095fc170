import { describe, expect, it } from 'vitest';
import { JOB_ID } from '../job.test-support.ts';
import { jobListQuery, PAGE_SIZE } from './job-list-query.ts';

const queryOf = (search: string) => jobListQuery(new URLSearchParams(search));

describe('jobListQuery', () => {
  it('requests the newest jobs without parameters', () => {
    expect(queryOf('')).toEqual({ limit: PAGE_SIZE });
  });

  it('reads filter, search and cursor', () => {
    expect(queryOf(`status=failed&q=+night &after=${JOB_ID}`)).toEqual({
      limit: PAGE_SIZE,
      status: 'failed',
      q: 'night',
      after: JOB_ID,
    });
  });

  it('searches for as much of a text as the API accepts, without half of an emoji', () => {
    expect(queryOf(`q=${'x'.repeat(199)}😀`).q).toBe('x'.repeat(199));
  });

  it('ignores values that the API would reject', () => {
    expect(queryOf('status=odd&after=1&q=%20')).toEqual({ limit: PAGE_SIZE });
  });
});
