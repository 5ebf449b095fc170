import { STATUS_CODES } from 'node:http';
import { AppError, ERROR_CODES, type ErrorCode, errorBodySchema, openAiErrorSchema, toOpenAiError } from '@prodigon/contracts';
import { headerReferences, RATE_LIMIT_HEADERS, STREAM_LIMIT_HEADERS } from '@prodigon/platform';
import type { ZodOpenApiResponseObject } from 'zod-openapi';

/** The format of a route's errors. */
export type ErrorFormat = 'platform' | 'openai';

/** Error codes that no response has. */
const LOGGED_ONLY: ReadonlySet<ErrorCode> = new Set(['CANCELLED']);

/** Returns how a code appears in a format. A `VALIDATION_ERROR` of Prodigon itself has details, one of a provider has none. */
function errorsOf(code: ErrorCode, format: ErrorFormat): { status: number; body: object; description: string }[] {
  const details = [{ path: 'prompt', message: 'Must not be blank' }];
  const plain = new AppError(code);
  if (format === 'platform') {
    const error = code === 'VALIDATION_ERROR' ? new AppError(code, undefined, { details }) : plain;
    return [{ status: error.status, body: error.toBody('3f1c7c5e-0b0e-4a53-9a53-2f2a9f1f2c11'), description: code }];
  }
  const errors = code === 'VALIDATION_ERROR' ? [new AppError(code, undefined, { details }), plain] : [plain];
  return errors.map((error) => ({ ...toOpenAiError(error), description: code }));
}

/** Returns the statuses of error codes in a format, in ascending order. */
export function errorStatuses(codes: readonly ErrorCode[], format: ErrorFormat): number[] {
  return [...new Set(codes.flatMap((code) => errorsOf(code, format).map(({ status }) => status)))].sort();
}

/** Returns the name of the response component for a status. */
export function errorResponseName(status: number, format: ErrorFormat): string {
  const name = (STATUS_CODES[status] ?? String(status)).replaceAll(/\W/g, '');
  return format === 'openai' ? `OpenAi${name}` : name;
}

/** Returns one response component for each status that the API's error codes have in a format. */
export function createErrorResponses(format: ErrorFormat): Record<string, ZodOpenApiResponseObject> {
  const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => !LOGGED_ONLY.has(code));
  const byStatus = Map.groupBy(
    codes.flatMap((code) => errorsOf(code, format)),
    ({ status }) => status,
  );
  return Object.fromEntries(
    [...byStatus].map(([status, errors]) => [errorResponseName(status, format), responseOf(status, format, errors)]),
  );
}

function responseOf(status: number, format: ErrorFormat, errors: ReturnType<typeof errorsOf>): ZodOpenApiResponseObject {
  const examples = errors.map(({ description, body }) => [description, { value: body }]);
  return {
    description: `${STATUS_CODES[status]}: ${errors.map(({ description }) => `\`${description}\``).join(', ')}`,
    headers: headerReferences([
      'X-Request-ID',
      'X-Process-Time',
      ...(status === 401 ? ['WWW-Authenticate'] : []),
      ...(status >= 408 ? ['X-Should-Retry'] : []),
      ...([409, 429, 503, 507].includes(status) ? ['Retry-After'] : []),
      ...(status === 429 ? [...RATE_LIMIT_HEADERS, ...STREAM_LIMIT_HEADERS] : []),
      ...([400, 404, 413, 422, 429].includes(status) || status > 500 ? ['X-Prodigon-Attempts'] : []),
    ]),
    content: {
      'application/json': {
        schema: format === 'openai' ? openAiErrorSchema : errorBodySchema,
        examples: Object.fromEntries(examples),
      },
    },
  };
}
