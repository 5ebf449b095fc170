import { AppError, fieldPath, queryNumber } from '@prodigon/contracts';
import { z } from 'zod';

const SIMULATOR_FAULTS = ['slow_first_token', 'stall', 'hang', 'no_finish', 'error_after', 'rate_limit', 'wrong_usage'] as const;

const number = (fallback: number, max: number, min = 0) => queryNumber(z.number().min(min).max(max)).default(fallback);
const wholeNumber = (fallback: number, max: number, min = 0) => queryNumber(z.int().min(min).max(max)).default(fallback);

/** The parameters after `prodigon-sim?`, joined by `&`. */
const simulatorParametersSchema = z.strictObject({
  ttft_ms: number(200, 600_000).describe('Milliseconds to the first token'),
  tokens_per_s: number(80, 1_000_000, 0.001).describe('Tokens per second after it'),
  tokens: wholeNumber(120, 1_000_000, 1).describe('Length of the response in tokens'),
  seed: wholeNumber(1, Number.MAX_SAFE_INTEGER).describe('The same seed gives the same response'),
  fault: z.enum(SIMULATOR_FAULTS).optional(),
  after: wholeNumber(3, 1_000_000).describe('Tokens before `stall` and `error_after`'),
  circuit_breaker: z.enum(['true', 'false']).default('false').describe('Whether faults open the circuit breaker of the model'),
  retry_after: number(2, 86_400).describe('Retry-After of `rate_limit` in seconds'),
});
type SimulatorParameters = z.infer<typeof simulatorParametersSchema>;

/** Parses `prodigon-sim?ttft_ms=0&tokens=5`. Throws `VALIDATION_ERROR` with each invalid parameter. */
export function parseSimulatorParameters(model: string): SimulatorParameters {
  const query = model.includes('?') ? model.slice(model.indexOf('?') + 1) : '';
  const given = [...new URLSearchParams(query)];
  const isRepeated = (name: string) => given.filter(([each]) => each === name).length > 1;
  const repeated = [...new Set(given.map(([name]) => name).filter(isRepeated))];
  const parsed = simulatorParametersSchema.safeParse(Object.fromEntries(given));
  if (parsed.success && repeated.length === 0) return parsed.data;
  const details = [
    ...repeated.map((name) => ({ path: `model.${name}`, message: 'Must not be repeated' })),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({ path: fieldPath(['model', ...path]), message })),
  ];
  throw new AppError(
    'VALIDATION_ERROR',
    `The simulator's parameters are invalid. ${details.map(({ path, message }) => `${path.replace('model.', '')}: ${message}`).join('. ')}.`,
    { details },
  );
}
