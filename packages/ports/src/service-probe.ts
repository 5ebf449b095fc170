import type { ReadinessCheckResult, ServiceStatus } from '@prodigon/contracts';

export interface ProbeResult {
  readonly status: ServiceStatus;
  /** Checks of the dependencies that the service measured. */
  readonly dependencies: readonly ReadinessCheckResult[];
}

/** Measures the readiness of one service. Never throws: a service that does not respond is `down`, with the reason. */
export interface ServiceProbe {
  readonly name: string;
  check(signal: AbortSignal): Promise<ProbeResult>;
}
