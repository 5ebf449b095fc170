import type { ProbeStatus } from './overview-state.ts';

export const STATUS_WORDS: Record<ProbeStatus, string> = {
  up: 'up',
  draining: 'draining',
  down: 'down',
  unreachable: 'unreachable',
  unknown: 'unknown',
};
