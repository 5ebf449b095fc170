import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export type Metrics = ReturnType<typeof createMetrics>;

/** The Prometheus metrics of one process. Labels are routes, models and providers, never a user or a key. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered, by service, route, method and status (499: the caller left)',
      labelNames: ['service', 'route', 'method', 'status'],
      registers,
    }),
    requestDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'From the arrival of a request to the end of its answer',
      labelNames: ['service', 'route', 'method'],
      buckets: SECONDS,
      registers,
    }),
    generations: new Counter({
      name: 'generations_total',
      help: 'Answers of models, by how they ended',
      labelNames: ['provider', 'model', 'status'],
      registers,
    }),
    timeToFirstToken: new Histogram({
      name: 'generation_ttft_seconds',
      help: 'From the call of a model to its first content',
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
      help: 'Calls of providers, by outcome: OK, or the code of the failure',
      labelNames: ['provider', 'model', 'outcome'],
      registers,
    }),
    breakerState: new Gauge({
      name: 'provider_breaker_state',
      help: 'Of the circuit breaker of a model: 0 closed, 1 half-open, 2 open',
      labelNames: ['provider', 'model'],
      registers,
    }),
    jobItemsClaimed: new Counter({
      name: 'job_items_claimed_total',
      help: 'Prompts of batch jobs taken by this worker',
      registers,
    }),
    jobItemsSettled: new Counter({
      name: 'job_items_settled_total',
      help: 'Attempts recorded by this worker, by outcome (succeeded, failed, retry, released)',
      labelNames: ['outcome'],
      registers,
    }),
    jobWritesRefused: new Counter({
      name: 'job_writes_refused_total',
      help: 'Outcomes of this worker that came after it had lost the prompt to another',
      registers,
    }),
    jobLeaseExpiries: new Counter({
      name: 'job_lease_expiries_total',
      help: 'Prompts that this worker took back from workers that had fallen silent',
      registers,
    }),
    jobItemWait: new Histogram({
      name: 'job_item_wait_seconds',
      help: 'From the submission of a prompt to its first attempt',
      buckets: [...SECONDS, 600, 1_800, 3_600],
      registers,
    }),
    jobItemRun: new Histogram({
      name: 'job_item_run_seconds',
      help: 'Of an attempt that succeeded',
      buckets: SECONDS,
      registers,
    }),
    jobItemsWaiting: new Gauge({
      name: 'job_items_waiting',
      help: 'Prompts that wait for a worker or their next attempt, in the whole database',
      registers,
    }),
    jobItemsRunning: new Gauge({ name: 'job_items_running', help: 'Prompts in flight, in the whole database', registers }),
    jobOldestAge: new Gauge({
      name: 'job_oldest_age_seconds',
      help: 'Since the oldest unfinished job was submitted; 0 without one',
      registers,
    }),
    usageRecordsWritten: new Counter({
      name: 'usage_records_written_total',
      help: 'Requests whose usage is in the database',
      registers,
    }),
    usageRecordsDropped: new Counter({
      name: 'usage_records_dropped_total',
      help: 'Requests whose usage was given up: too many waited for the database, or it refused them',
      registers,
    }),
    activeGenerations: new Gauge({
      name: 'generations_active',
      help: 'Answers in the making, admitted by the gateway',
      registers,
    }),
  };
}
