import type { ReadinessCheckResult, ServiceStatus } from '@prodigon/contracts';

export interface ProbeResult {
  readonly status: ServiceStatus;
  /** Whether the service is `down` because it did not respond in time, which also happens on a busy machine. */
  readonly isTimeout?: boolean;
  /** Checks of the dependencies that the service measured. */
  readonly dependencies: readonly ReadinessCheckResult[];
}

/** Measures the readiness of a service. */
export interface ServiceProbe {
  readonly name: string;
  /** Returns a result for each replica. Never rejects: a replica that does not respond is `down`, with the reason. */
  check(signal: AbortSignal): Promise<readonly ProbeResult[]>;
}
