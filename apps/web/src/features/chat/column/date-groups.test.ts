import { expect, it } from 'vitest';
import { createConversation } from '../state/state.test-support.ts';
import { groupByDay } from './date-groups.ts';

const NOW = new Date(2026, 2, 10, 0, 30);
const at = (...time: [number, number, number, number?]) => createConversation({ updated_at: new Date(...time).toISOString() });

it('groups conversations by the days of the calendar, then by month', () => {
  const conversations = [
    at(2026, 2, 10, 0),
    at(2026, 2, 9, 23),
    at(2026, 2, 8),
    at(2026, 2, 3),
    at(2026, 2, 2),
    at(2026, 1, 28),
    at(2025, 11, 31),
  ];
  expect(groupByDay(conversations, NOW).map(({ label, conversations }) => [label, conversations.length])).toEqual([
    ['Today', 1],
    ['Yesterday', 1],
    ['Previous 7 days', 2],
    ['March 2026', 1],
    ['February 2026', 1],
    ['December 2025', 1],
  ]);
});

it('counts a conversation from a browser whose clock is ahead as today', () => {
  expect(groupByDay([at(2026, 2, 11)], NOW)[0]?.label).toBe('Today');
});
