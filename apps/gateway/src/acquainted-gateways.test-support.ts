import type { TestRedis } from '@prodigon/testing';
import { expect, vi } from 'vitest';

const WAIT = { timeout: 60_000, interval: 50 };
/** A gateway registers for this long, and again every three seconds. */
const REGISTRATION_MS = 10_000;
/** The scripts in Redis count milliseconds since then. */
const EPOCH_MS = Date.UTC(2023, 0, 1);

/** Resolves when two gateways have registered again after both were registered, and so know of each other. */
export async function untilAcquainted(redis: TestRedis): Promise<void> {
  const count = (start: string) => redis.run(`ZCOUNT prodigon:gateways ${start} +inf`);
  await vi.waitFor(async () => expect(await count('-inf')).toBe(':2'), WAIT);
  const acquaintedMs = Date.now() - EPOCH_MS + REGISTRATION_MS;
  await vi.waitFor(async () => expect(await count(`(${acquaintedMs}`)).toBe(':2'), WAIT);
}
