import { resolve } from 'node:path';

/**
 * A `MODELS_FILE` for tests in which models fail on purpose: no breaker opens, which would keep the failing model of one
 * test from the next. Its only provider is the one at `OPENAI_BASE_URL`.
 */
export const MODELS_WITHOUT_BREAKER: string = resolve(import.meta.dirname, 'models-without-breaker.yaml');
