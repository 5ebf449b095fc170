import { randomInt } from 'node:crypto';
import { findFreePort } from '@prodigon/stack';

/** Below the ephemeral port range, so that no connection takes the port before a process listens, or while it restarts. */
const PORT_MIN = 10_000;
const PORT_COUNT = 20_000;

/** Returns a free port of 127.0.0.1 for a process that starts later, or starts again. */
export function reservePort(): Promise<number> {
  return findFreePort(PORT_MIN + randomInt(PORT_COUNT));
}
