import type { ServiceStatus } from '@prodigon/contracts';

/** Measures the health of one service. Never throws: a service that does not respond is `down`, with the reason. */
export interface ServiceProbe {
  readonly name: string;
  check(signal: AbortSignal): Promise<ServiceStatus>;
}
