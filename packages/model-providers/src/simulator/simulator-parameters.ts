import { AppError } from '@prodigon/contracts';
import { z } from 'zod';

const SIMULATOR_FAULTS = ['slow_first_token', 'stall', 'hang', 'no_finish', 'error_after', 'rate_limit', 'wrong_usage'] as const;

const number = (fallback: number, max: number, min = 0) => z.coerce.number().min(min).max(max).default(fallback);

/** The parameters after `prodigon-sim?`, joined by `&`. */
const simulatorParametersSchema = z.strictObject({
  ttft_ms: number(200, 600_000).describe('Milliseconds to the first token'),
  tokens_per_s: number(80, 1_000_000, 0.001).describe('Tokens per second after it'),
  tokens: number(120, 1_000_000, 1).pipe(z.int()).describe('Length of the response in tokens'),
  seed: number(1, Number.MAX_SAFE_INTEGER).pipe(z.int()).describe('The same seed gives the same response'),
  fault: z.enum(SIMULATOR_FAULTS).optional(),
  after: number(3, 1_000_000).pipe(z.int()).describe('Tokens before `stall` and `error_after`'),
  retry_after: number(2, 86_400).describe('Retry-After of `rate_limit` in seconds'),
});
type SimulatorParameters = z.infer<typeof simulatorParametersSchema>;

/** Parses `prodigon-sim?ttft_ms=0&tokens=5`. Throws `VALIDATION_ERROR` with each invalid parameter. */
export function parseSimulatorParameters(model: string): SimulatorParameters {
  const query = model.includes('?') ? model.slice(model.indexOf('?') + 1) : '';
  const parsed = simulatorParametersSchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => ({ path: ['model', ...path].join('.'), message }));
  throw new AppError(
    'VALIDATION_ERROR',
    `The simulator's parameters are invalid. ${details.map(({ message }) => message).join('. ')}.`,
    { details },
  );
}
