import type { ServiceName } from './process-plan.ts';

/** By default V8 sizes the young generation by the machine's memory, far above the needs of short-lived calls. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=4';
/** A smaller one costs 13 % more CPU per response (docs/architecture/performance.md); a larger one saves nothing measurable. */
const BOUNDED_YOUNG_GENERATION = '--max-semi-space-size=16';
/** V8 lets garbage grow to a multiple of the live heap before it collects the old generation. */
const EARLY_COLLECTION = '--heap-growing-percent=40';

/** Otherwise any process of the user, such as a learner's code, could open the inspector of a service with a signal. */
const NO_INSPECTOR_BY_SIGNAL = '--disable-sigusr1';

/**
 * The flags for V8 keep each process under 300 MB during a job of 50,000 prompts (docs/architecture/job-queue.md). Each of
 * them costs streams some CPU, so the gateway has none, and the worker, which has no token streams, has the strictest.
 */
export const NODE_FLAGS: Readonly<Record<ServiceName, readonly string[]>> = {
  gateway: [NO_INSPECTOR_BY_SIGNAL],
  model: [NO_INSPECTOR_BY_SIGNAL, BOUNDED_YOUNG_GENERATION],
  worker: [NO_INSPECTOR_BY_SIGNAL, SMALL_YOUNG_GENERATION, EARLY_COLLECTION],
  lab: [NO_INSPECTOR_BY_SIGNAL, SMALL_YOUNG_GENERATION, EARLY_COLLECTION],
  monolith: [NO_INSPECTOR_BY_SIGNAL, BOUNDED_YOUNG_GENERATION],
};
