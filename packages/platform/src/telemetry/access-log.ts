import type { AppError } from '@prodigon/contracts';
import { logFailure, reasonOf } from './failure-log.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** Routes that probes request frequently. Their log lines have level `debug`. */
const QUIET_ROUTES = new Set(['/health', '/livez', '/readyz', '/metrics']);

export interface AccessLogOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** One request whose response has closed. */
export interface AccessLogEntry {
  readonly requestId: string;
  readonly traceparent: string;
  readonly method: string;
  /** The pattern of the route, without parameters. */
  readonly route: string;
  readonly status: number;
  /** Arrival time in milliseconds, on the clock of `performance.now()`. */
  readonly arrivedAt: number;
  /** Additional fields of the log line. Never a prompt or a response text. */
  readonly record: Readonly<Record<string, unknown>>;
  readonly failure: AppError | undefined;
}

/** Creates a function that logs and counts one request. */
export function createAccessLog({ service, logger, metrics }: AccessLogOptions): (entry: AccessLogEntry) => void {
  return ({ requestId, traceparent, method, route, status, arrivedAt, record, failure }) => {
    const durationMs = performance.now() - arrivedAt;
    metrics.requests.inc({ service, route, method, status });
    metrics.requestDuration.observe({ service, route, method }, durationMs / 1_000);

    const level = failure && failure.status >= 500 ? 'error' : QUIET_ROUTES.has(route) ? 'debug' : 'info';
    const message = `${method} ${route} ${status}`;
    const fields = {
      request_id: requestId,
      trace_id: traceparent.slice(3, 35),
      method,
      route,
      status,
      duration_ms: Math.round(durationMs * 100) / 100,
      ...record,
    };
    if (!failure) logger[level](fields, message);
    else logFailure(logger, { level, failure, fields: { ...fields, reason: reasonOf(failure) }, message });
  };
}
