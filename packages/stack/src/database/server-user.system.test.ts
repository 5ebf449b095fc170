import { expect, it } from 'vitest';
import { findServerUser } from './server-user.ts';

const isRoot = process.getuid?.() === 0;

it.runIf(isRoot)('runs the server as an unprivileged user when root starts it', () => {
  expect(findServerUser()).toMatchObject({ uid: expect.any(Number) });
  expect(findServerUser()?.uid).not.toBe(0);
});

it.skipIf(isRoot)('runs the server as the current user when that user is not root', () => {
  expect(findServerUser()).toBeNull();
});
