import { z } from 'zod';

/**
 * Every failure that a caller may meet: the HTTP status it travels as, whether the same request may
 * succeed later, and the sentence that is sent when nobody has a better one.
 */
export const ERROR_CODES = {
  INVALID_JSON: { status: 400, retryable: false, message: 'The body is not valid JSON.' },
  INVALID_PATH: { status: 400, retryable: false, message: 'The path leaves the folders that may be read.' },
  BAD_REQUEST: { status: 400, retryable: false, message: 'The request is malformed.' },
  CONTEXT_LENGTH_EXCEEDED: { status: 400, retryable: false, message: "The conversation is longer than the model's context." },
  CONTENT_FILTERED: { status: 400, retryable: false, message: "The provider's content filter blocked the request." },
  UNAUTHENTICATED: { status: 401, retryable: false, message: 'A valid API key is needed.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'This is not allowed.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'There is nothing here.' },
  JOB_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such job.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, message: 'This path does not take that method.' },
  CONFLICT: { status: 409, retryable: false, message: 'This does not fit the present state.' },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, message: 'The body is too large.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, message: 'Send the body as application/json.' },
  VALIDATION_ERROR: { status: 422, retryable: false, message: 'The request does not fit its schema.' },
  UNKNOWN_MODEL: { status: 422, retryable: false, message: 'No provider offers this model.' },
  RATE_LIMITED: { status: 429, retryable: true, message: 'Too many requests. Try again later.' },
  QUOTA_EXHAUSTED: { status: 429, retryable: false, message: "The platform's quota at the model provider is used up." },
  /** The caller left. Nobody is there to read it: it appears in logs and metrics only. */
  CANCELLED: { status: 499, retryable: true, message: 'The caller left before the answer was complete.' },
  INTERNAL_ERROR: { status: 500, retryable: false, message: 'Something went wrong on our side.' },
  INFERENCE_ERROR: { status: 502, retryable: true, message: 'The model provider failed to answer.' },
  PROVIDER_KEY_REFUSED: { status: 502, retryable: false, message: "The model provider refused the platform's key." },
  SERVICE_UNAVAILABLE: { status: 503, retryable: true, message: 'The service cannot answer now. Try again shortly.' },
  CIRCUIT_OPEN: { status: 503, retryable: true, message: 'The model failed several times in a row. Try again shortly.' },
  PROVIDER_UNREACHABLE: { status: 503, retryable: true, message: 'The model provider cannot be reached.' },
  DEADLINE_EXCEEDED: { status: 504, retryable: true, message: 'The answer took too long.' },
  INSUFFICIENT_STORAGE: { status: 507, retryable: true, message: 'The database has no room for this.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const errorCodeSchema = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** One problem of a request, e.g. `{path: 'messages.0.role', message: 'Invalid option'}`. */
export const errorDetailSchema = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional().describe('Of an uploaded file, counted from 1'),
});
export type ErrorDetail = z.infer<typeof errorDetailSchema>;

/** The body of every answer that is not a success. */
export const errorBodySchema = z
  .object({
    error: z.object({
      code: errorCodeSchema,
      message: z.string(),
      request_id: z.string(),
      details: z.array(errorDetailSchema).optional(),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof errorBodySchema>;

export interface AppErrorOptions extends ErrorOptions {
  details?: ErrorDetail[] | undefined;
  /** Seconds after which a retry makes sense; travels as `Retry-After`. */
  retryAfterSeconds?: number | undefined;
  /** Where the code alone says it wrong, e.g. a provider that refuses our key; travels as `X-Should-Retry`. */
  retryable?: boolean | undefined;
  /** How often a provider was called before it came to this; travels as `X-Prodigon-Attempts`. */
  attempts?: number | undefined;
}

/** `message` and `details` are public. Anything secret or internal goes in `cause`, which is logged and never sent. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetail[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly attempts: number | undefined;

  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    super(message ?? ERROR_CODES[code].message, options);
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.attempts = options.attempts;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  /** Anything that was thrown, as an AppError. What we did not throw ourselves becomes `INTERNAL_ERROR`. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    return new AppError('INTERNAL_ERROR', undefined, { cause: thrown });
  }

  /** The same failure, with how often a provider was called on the way to it. */
  afterAttempts(attempts: number): AppError {
    const { code, message, details, retryAfterSeconds, retryable, cause } = this;
    return new AppError(code, message, { details, retryAfterSeconds, retryable, cause, attempts });
  }

  toBody(requestId: string): ErrorBody {
    const { code, message, details } = this;
    return { error: { code, message, request_id: requestId, ...(details && { details }) } };
  }
}
