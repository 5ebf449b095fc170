import type { ServiceName } from './process-plan.ts';

/** V8 lets its young generation grow with the machine's memory, far beyond what short-lived calls need. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=4';
/** Smaller costs an answer up to a fifth more CPU (docs/architecture/performance.md), larger no less that could be measured. */
const BOUNDED_YOUNG_GENERATION = '--max-semi-space-size=16';
/** It also lets garbage pile up to a multiple of what lives before it collects the old generation. */
const EARLY_COLLECTION = '--heap-growing-percent=40';

/**
 * What keeps each process under 300 MB through a job of 50,000 prompts (docs/architecture/job-queue.md). Each flag
 * costs streams some CPU, so the gateway has none, and the worker, which has no streams of tokens, has the strictest.
 */
export const NODE_FLAGS: Readonly<Record<ServiceName, readonly string[]>> = {
  gateway: [],
  model: [BOUNDED_YOUNG_GENERATION],
  worker: [SMALL_YOUNG_GENERATION, EARLY_COLLECTION],
  monolith: [BOUNDED_YOUNG_GENERATION],
};
