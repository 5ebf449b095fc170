import { expect, it } from 'vitest';
import { createMemoryRateLimiter } from './memory-rate-limiter.ts';
import { createWrongKeyLimiter } from './wrong-key-limiter.ts';

function create() {
  const clock = { nowMs: 0 };
  const limiter = createWrongKeyLimiter(createMemoryRateLimiter({ now: () => clock.nowMs }));
  const checks = (address: string, count: number) => Array.from({ length: count }, () => limiter.check(address));
  return { clock, checks };
}

it('allows 20 wrong keys a minute for each address', () => {
  const { clock, checks } = create();
  expect(checks('192.0.2.1', 21)).toEqual([...Array(20).fill(null), 3]);
  expect(checks('192.0.2.2', 1)).toEqual([null]);
  clock.nowMs += 3_000;
  expect(checks('192.0.2.1', 2)).toEqual([null, 3]);
});

it.each([
  ['of one IPv6 network of 64 bits', '2001:db8::1', '2001:db8:0:0:ffff::2'],
  ['in both notations of IPv4', '192.0.2.1', '::ffff:192.0.2.1'],
  ['of one network interface', 'fe80::1%eth0', 'fe80::2%eth0'],
  ['with and without ports', '192.0.2.1', '192.0.2.1:50431'],
  ['in brackets', '2001:db8::1', '[2001:db8::1]:50431'],
  ['that are none', 'unknown', '_hidden'],
])('counts addresses %s as one', (_case, first, second) => {
  const { checks } = create();
  expect([...checks(first, 10), ...checks(second, 11)].at(-1)).toBe(3);
});

it('distinguishes other networks of IPv6, and text that is no address', () => {
  const { checks } = create();
  checks('2001:db8::1', 21);
  expect(checks('2001:db8:0:1::1', 1)).toEqual([null]);
  expect(checks('unknown', 21).at(-1)).toBe(3);
});
