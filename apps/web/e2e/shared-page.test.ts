import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, sharedHarness } from './harness.test-support.ts';
import { SCREENS, showOn } from './screens.test-support.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await sharedHarness();
});
afterAll(() => harness.close());

it('shares a page between tests without its stored data, routes and screen', async () => {
  const first = await harness.open('/chat');
  const other = await harness.open('/chat');
  expect(other.context()).not.toBe(first.context());
  await first.evaluate(() => {
    localStorage.setItem('of-a-test', 'x');
    sessionStorage.setItem('of-a-test', 'x');
  });
  await first.route('**/api/v1/models', (route) => route.abort());
  await showOn(first, SCREENS.mobileDark);
  expect(await harness.closePages()).toEqual([]);

  const second = await harness.open('/chat');
  expect(second).toBe(first);
  const state = await second.evaluate(async () => ({
    local: localStorage.getItem('of-a-test'),
    session: sessionStorage.getItem('of-a-test'),
    width: innerWidth,
    isDark: matchMedia('(prefers-color-scheme: dark)').matches,
    hasMouse: matchMedia('(pointer: fine)').matches,
    status: (await fetch('/api/v1/models')).status,
  }));
  expect(state).toEqual({ local: null, session: null, width: 1280, isDark: false, hasMouse: true, status: 200 });
  expect(await harness.closePages()).toEqual([]);
});
