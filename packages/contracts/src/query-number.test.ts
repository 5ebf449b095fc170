import { expect, it } from 'vitest';
import { z } from 'zod';
import { queryNumber } from './query-number.ts';

const schema = queryNumber(z.number());
const messageOf = (value: unknown) => schema.safeParse(value).error?.issues[0]?.message;

it.each([
  ['0', 0],
  ['5', 5],
  ['007', 7],
  ['-1', -1],
  ['0.25', 0.25],
])('reads %s', (text, number) => {
  expect(schema.parse(text)).toBe(number);
});

it.each(['', ' ', '0x10', '1e1', ' 5', '5 ', '+5', '1_0', '٣', 'NaN', 'Infinity', '5.', '.5', '1,5', '--1', '1'.repeat(21)])(
  'rejects "%s"',
  (text) => {
    expect(messageOf(text)).toBe('Must be a number in decimal digits');
  },
);

it('validates the number, and accepts one that is a number already', () => {
  const limited = queryNumber(z.int().max(9)).default(3);
  expect([limited.parse(undefined), limited.parse(4)]).toEqual([3, 4]);
  expect(limited.safeParse('1.5').success).toBe(false);
  expect(limited.safeParse('10').success).toBe(false);
});

it('is a number in the description of the API', () => {
  const query = z.strictObject({ limit: queryNumber(z.int().min(1).max(9)).prefault(3), q: queryNumber(z.number()).optional() });
  expect(z.toJSONSchema(query, { io: 'input' })).toMatchObject({
    properties: { limit: { type: 'integer', minimum: 1, maximum: 9, default: 3 }, q: { type: 'number' } },
  });
  expect(z.toJSONSchema(query, { io: 'input' }).required).toBeUndefined();
});
