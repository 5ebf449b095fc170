import { resolve } from 'node:path';

/**
 * A `MODELS_FILE` for tests with failing models. No circuit breaker opens, because an open one would reject the calls of
 * later tests. The only provider is at `OPENAI_BASE_URL`.
 */
export const MODELS_WITHOUT_BREAKER: string = resolve(import.meta.dirname, 'models-without-breaker.yaml');
