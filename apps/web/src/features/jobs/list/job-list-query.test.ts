import { describe, expect, it } from 'vitest';
import { JOB_ID } from '../job.test-support.ts';
import { jobListQuery, PAGE_SIZE } from './job-list-query.ts';

const queryOf = (search: string) => jobListQuery(new URLSearchParams(search));

describe('the URL of the list', () => {
  it('asks for the newest jobs when it says nothing', () => {
    expect(queryOf('')).toEqual({ limit: PAGE_SIZE });
  });

  it('carries the filter, the search and where the page begins', () => {
    expect(queryOf(`status=failed&q=+night &after=${JOB_ID}`)).toEqual({
      limit: PAGE_SIZE,
      status: 'failed',
      q: 'night',
      after: JOB_ID,
    });
  });

  it('does not pass on what the API would refuse', () => {
    expect(queryOf('status=odd&after=1&q=%20')).toEqual({ limit: PAGE_SIZE });
  });
});
