import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  createJobRequestSchema,
  jobEventsQuerySchema,
  jobFileFormatOf,
  jobFileQuerySchema,
  jobInputSchema,
  jobItemsQuerySchema,
  jobListQuerySchema,
  jobOptionsSchema,
  jobResultsQuerySchema,
} from './jobs.ts';

it.each([
  ['prompts.jsonl', 'jsonl'],
  ['Prompts.CSV', 'csv'],
  ['a.csv/notes.txt', 'txt'],
  ['prompts.ndjson', 'jsonl'],
  ['text/csv; charset=utf-8', 'csv'],
  ['application/jsonl', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
  ['text/plain;charset=UTF-8', 'txt'],
  ['application/json', undefined],
  ['picture.png', undefined],
  ['constructor', undefined],
  ['', undefined],
])('maps %s to the format %s', (name, format) => {
  expect(jobFileFormatOf(name)).toBe(format);
});

const isAccepted = (schema: z.ZodType, values: object) => schema.safeParse(values).success;

describe('a job', () => {
  const DEFAULTS = { priority: 0, expires_in_hours: 24 };
  const OPTIONS = Object.keys(jobOptionsSchema.shape);

  it('has the same defaults whether its prompts are in the body or in a file', () => {
    expect(createJobRequestSchema.parse({ prompts: ['Hi'] })).toEqual({ prompts: ['Hi'], ...DEFAULTS });
    expect(jobFileQuerySchema.parse({})).toEqual(DEFAULTS);
  });

  it('has the same options without one and with null', () => {
    const absent = JSON.stringify(jobOptionsSchema.parse({}));
    const all = (value: unknown) => Object.fromEntries(OPTIONS.map((name) => [name, value]));
    expect(JSON.stringify(jobOptionsSchema.parse(all(null)))).toBe(absent);
    expect(JSON.stringify(jobFileQuerySchema.parse({}))).toBe(absent);
    expect(absent).toBe('{"priority":0,"expires_in_hours":24}');
  });

  it.each(['', 'many', '0x', '1,5'])('rejects the number %j in the query of a file', (text) => {
    expect(isAccepted(jobFileQuerySchema, { temperature: text })).toBe(false);
  });

  it('treats a null id as absent', () => {
    expect(JSON.stringify(jobInputSchema.parse({ prompt: 'x', custom_id: null }))).toBe('{"prompt":"x"}');
  });

  it.each([
    ['100 prompts', { prompts: Array(100).fill('x') }, { prompts: Array(101).fill('x') }],
    ['one prompt', { prompts: ['x'] }, { prompts: [] }],
    ['a prompt of 1,000,000 characters', { prompts: ['x'.repeat(1_000_000)] }, { prompts: ['x'.repeat(1_000_001)] }],
    ['a system prompt of 10,000 characters', { system_prompt: 'x'.repeat(10_000) }, { system_prompt: 'x'.repeat(10_001) }],
    ['storable prompts', { prompts: ['😀'] }, { prompts: ['a\0'] }],
    ['complete characters', { prompts: ['\ud83d\ude00'] }, { prompts: ['\ud83d'] }],
    ['a name of 120 characters', { name: 'n'.repeat(120) }, { name: 'n'.repeat(121) }],
    ['a name of one character', { name: ' n ' }, { name: '  ' }],
    ['priority 9', { priority: 9 }, { priority: 10 }],
    ['priority 0', { priority: 0 }, { priority: -1 }],
    ['a week to start', { expires_in_hours: 168 }, { expires_in_hours: 169 }],
    ['an hour to start', { expires_in_hours: 1 }, { expires_in_hours: 0 }],
  ])('may have %s, and nothing beyond', (_case, accepted, rejected) => {
    const isJob = (values: object) => isAccepted(createJobRequestSchema, { prompts: ['x'], ...values });
    expect([isJob(accepted), isJob(rejected)]).toEqual([true, false]);
    if ('prompts' in accepted) return;
    const asText = (values: object) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
    expect([accepted, rejected].map((values) => isAccepted(jobFileQuerySchema, asText(values)))).toEqual([true, false]);
  });

  it('has custom ids of 1 to 128 characters', () => {
    const isInput = (custom_id: string) => isAccepted(jobInputSchema, { prompt: 'x', custom_id });
    expect(['', 'i', 'i'.repeat(128), 'i'.repeat(129), 'a\0'].map(isInput)).toEqual([false, true, true, false, false]);
  });
});

describe('a query', () => {
  it('has defaults', () => {
    expect(jobListQuerySchema.parse({})).toEqual({ limit: 20 });
    expect(jobItemsQuerySchema.parse({})).toEqual({ limit: 50, after: -1 });
    expect(jobResultsQuerySchema.parse({})).toEqual({ outcome: 'all' });
    expect(jobEventsQuerySchema.parse({})).toEqual({});
  });

  it.each([
    ['jobs on a page', jobListQuerySchema, 'limit', 1, 200],
    ['items on a page', jobItemsQuerySchema, 'limit', 1, 200],
    ['the last item of the previous page', jobItemsQuerySchema, 'after', -1, 50_000],
    ['the last event', jobEventsQuerySchema, 'after', 0, 2 ** 40],
  ])('limits %s', (_case, schema, name, least, most) => {
    const isQuery = (value: number) => isAccepted(schema, { [name]: String(value) });
    expect([least - 1, least, most].map(isQuery)).toEqual([false, true, true]);
    if (most < 2 ** 40) expect(isQuery(most + 1)).toBe(false);
  });

  it('searches names for up to 200 characters', () => {
    expect(jobListQuerySchema.parse({ q: ` ${'q'.repeat(200)} ` }).q).toHaveLength(200);
    expect(isAccepted(jobListQuerySchema, { q: 'q'.repeat(201) })).toBe(false);
  });
});
