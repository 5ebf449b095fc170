import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export type Metrics = ReturnType<typeof createMetrics>;

/** Creates the Prometheus metrics of one process. Labels are routes, models and providers, never users or keys. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const redisUp = new Gauge({ name: 'redis_up', help: 'Whether Redis responds: 1 or 0', registers: [] });
  return {
    registry,
    requests: new Counter({
      name: 'http_requests_total',
      help: 'HTTP requests by service, route, method and status (499: the client disconnected)',
      labelNames: ['service', 'route', 'method', 'status'],
      registers,
    }),
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its response',
      labelNames: ['service', 'route', 'method'],
      buckets: SECONDS,
      registers,
    }),
    generations: new Counter({
      name: 'generations_total',
      help: 'Generations by final status',
      labelNames: ['provider', 'model', 'status'],
      registers,
    }),
    timeToFirstToken: new Histogram({
      name: 'generation_ttft_seconds',
      help: 'Time from the call of a model to its first token',
      labelNames: ['provider', 'model'],
      buckets: SECONDS,
      registers,
    }),
    tokens: new Counter({
      name: 'generation_tokens_total',
      help: 'Tokens by direction (prompt, completion)',
      labelNames: ['provider', 'model', 'direction'],
      registers,
    }),
    providerAttempts: new Counter({
      name: 'provider_attempts_total',
      help: 'Provider calls by outcome: OK, or the error code',
      labelNames: ['provider', 'model', 'outcome'],
      registers,
    }),
    breakerState: new Gauge({
      name: 'provider_breaker_state',
      help: 'State of the circuit breaker of a model: 0 closed, 1 half-open, 2 open',
      labelNames: ['provider', 'model'],
      registers,
    }),
    jobItemsClaimed: new Counter({
      name: 'job_items_claimed_total',
      help: 'Batch items that this worker claimed',
      registers,
    }),
    jobItemsSettled: new Counter({
      name: 'job_items_settled_total',
      help: 'Item results that this worker recorded, by outcome (succeeded, failed, retry, postponed, released)',
      labelNames: ['outcome'],
      registers,
    }),
    jobWritesRefused: new Counter({
      name: 'job_writes_refused_total',
      help: 'Item results that were rejected because another worker held the lease',
      registers,
    }),
    jobLeaseExpiries: new Counter({
      name: 'job_lease_expiries_total',
      help: 'Batch items that this worker requeued after their leases expired',
      registers,
    }),
    jobItemWait: new Histogram({
      name: 'job_item_wait_seconds',
      help: 'Time from the submission of a batch item to its first attempt',
      buckets: [...SECONDS, 600, 1_800, 3_600],
      registers,
    }),
    jobItemRun: new Histogram({
      name: 'job_item_run_seconds',
      help: 'Duration of successful attempts',
      buckets: SECONDS,
      registers,
    }),
    jobItemsWaiting: new Gauge({
      name: 'job_items_waiting',
      help: 'Batch items that wait for a worker or their next attempt, in the whole database',
      registers,
    }),
    jobItemsRunning: new Gauge({ name: 'job_items_running', help: 'Batch items in flight, in the whole database', registers }),
    jobOldestAge: new Gauge({
      name: 'job_oldest_age_seconds',
      help: 'Age of the oldest unfinished job; 0 without one',
      registers,
    }),
    usageRecordsWritten: new Counter({
      name: 'usage_records_written_total',
      help: 'Usage records written to the database',
      registers,
    }),
    usageRecordsDropped: new Counter({
      name: 'usage_records_dropped_total',
      help: 'Usage records dropped because the queue was full or the database rejected them',
      registers,
    }),
    activeGenerations: new Gauge({
      name: 'generations_active',
      help: 'Responses in flight that the gateway has admitted',
      registers,
    }),
    runningGenerations: new Gauge({
      name: 'chat_generations_running',
      help: 'Responses of conversations that this gateway receives, with or without a reader',
      registers,
    }),
    /** Sets the gauge `redis_up`, which only processes with Redis have: in others, 0 would be an alarm. */
    reportRedis(isUp: boolean) {
      registry.registerMetric(redisUp);
      redisUp.set(isUp ? 1 : 0);
    },
    cacheRequests: new Counter({
      name: 'cache_requests_total',
      help: 'Requests to the response cache by result: hit, miss or bypass',
      labelNames: ['result'],
      registers,
    }),
    /** Registered with limits that gateways share. */
    limitsLocal: new Gauge({
      name: 'limits_local',
      help: 'Whether this gateway enforces its share of all limits on its own, because Redis does not respond: 1 or 0',
      registers: [],
    }),
  };
}
