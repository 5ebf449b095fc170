import { z } from 'zod';
import { cutText } from './cut-text.ts';

/** Every error code of the API, with its HTTP status, whether a retry may succeed, and the default message. */
export const ERROR_CODES = {
  INVALID_JSON: { status: 400, retryable: false, message: 'The body is not valid JSON.' },
  INVALID_PATH: { status: 400, retryable: false, message: 'The path is outside the readable folders.' },
  BAD_REQUEST: { status: 400, retryable: false, message: 'The request is malformed.' },
  CONTEXT_LENGTH_EXCEEDED: { status: 400, retryable: false, message: "The conversation is longer than the model's context." },
  CONTENT_FILTERED: { status: 400, retryable: false, message: "The provider's content filter blocked the request." },
  UNAUTHENTICATED: { status: 401, retryable: false, message: 'A valid API key is required.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'This is not allowed.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'The resource does not exist.' },
  API_KEY_NOT_FOUND: { status: 404, retryable: false, message: 'The API key does not exist.' },
  JOB_NOT_FOUND: { status: 404, retryable: false, message: 'The job does not exist.' },
  CONVERSATION_NOT_FOUND: { status: 404, retryable: false, message: 'The conversation does not exist.' },
  LABS_DISABLED: {
    status: 403,
    retryable: false,
    message: 'The workshop is off on this platform. LABS=on starts its runner, which executes code from the folder my/.',
  },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, message: 'The path does not support this method.' },
  REQUEST_TIMEOUT: { status: 408, retryable: true, message: 'The body of the request arrived too slowly.' },
  CONFLICT: { status: 409, retryable: false, message: 'The request conflicts with the current state.' },
  PREDICTION_REQUIRED: { status: 409, retryable: false, message: 'Predict the result before you run the experiment.' },
  TASK_NOT_STARTED: { status: 409, retryable: false, message: 'There is no copy of the starter yet. Start the task first.' },
  NOT_RESUMABLE: { status: 410, retryable: false, message: 'The response no longer exists.' },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, message: 'The body is too large.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, message: 'Send the body as application/json.' },
  RANGE_NOT_SATISFIABLE: { status: 416, retryable: false, message: 'The range starts beyond the end of the resource.' },
  VALIDATION_ERROR: { status: 422, retryable: false, message: 'The request does not match its schema.' },
  UNKNOWN_MODEL: { status: 422, retryable: false, message: 'No provider offers this model.' },
  RATE_LIMITED: { status: 429, retryable: true, message: 'Too many requests. Retry later.' },
  QUOTA_EXHAUSTED: { status: 429, retryable: false, message: "The platform's quota at the model provider is used up." },
  BUDGET_EXHAUSTED: { status: 429, retryable: false, message: 'The budget of the API key is used up.' },
  /** Appears in logs and metrics only, because the client has disconnected. */
  CANCELLED: { status: 499, retryable: true, message: 'The client disconnected before the response was complete.' },
  INTERNAL_ERROR: { status: 500, retryable: false, message: 'An internal error occurred.' },
  INFERENCE_ERROR: { status: 502, retryable: true, message: 'The model provider failed to respond.' },
  PROVIDER_KEY_REFUSED: { status: 502, retryable: false, message: "The model provider refused the platform's key." },
  SERVICE_UNAVAILABLE: { status: 503, retryable: true, message: 'The service is unavailable. Retry shortly.' },
  RESPONSE_INTERRUPTED: {
    status: 503,
    retryable: true,
    message: 'The response was interrupted, because the process that received it ended.',
  },
  CIRCUIT_OPEN: { status: 503, retryable: true, message: 'The model failed several times in a row. Retry shortly.' },
  PROVIDER_UNREACHABLE: { status: 503, retryable: true, message: 'The model provider cannot be reached.' },
  DEADLINE_EXCEEDED: { status: 504, retryable: true, message: 'The response took too long.' },
  INSUFFICIENT_STORAGE: { status: 507, retryable: true, message: 'There is not enough disk space.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const errorCodeSchema = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** One problem of a request, e.g. `{path: 'messages[0].role', message: 'Required'}`. */
export const errorDetailSchema = z.object({
  path: z.string(),
  message: z.string(),
  line: z.int().optional().describe('Line of an uploaded file, starting at 1'),
});
export type ErrorDetail = z.infer<typeof errorDetailSchema>;

/** Why a model provider refused a request, in its own words, without secrets and hosts. */
export const providerReasonSchema = z.object({
  message: z.string(),
  code: z.string().nullable().describe("The provider's code, e.g. `unsupported_parameter`"),
  param: z.string().nullable().describe('The field of the request that the provider refused'),
});
export type ProviderReason = z.infer<typeof providerReasonSchema>;

/** The body of every error response. */
export const errorBodySchema = z
  .object({
    error: z.object({
      code: errorCodeSchema,
      message: z.string(),
      request_id: z.string(),
      details: z.array(errorDetailSchema).optional(),
      provider: providerReasonSchema
        .omit({ message: true })
        .optional()
        .describe('Present when the message is the reason of a model provider'),
    }),
  })
  .meta({ id: 'ErrorResponse' });
export type ErrorBody = z.infer<typeof errorBodySchema>;

/** Limits of what an error repeats of its request, in responses and in logs. */
export const ERROR_LIMITS = { messageCharactersMax: 2_000, detailsMax: 100, detailCharactersMax: 300 } as const;

function shortenDetail({ path, message, ...rest }: ErrorDetail): ErrorDetail {
  const { detailCharactersMax } = ERROR_LIMITS;
  return { path: cutText(path, detailCharactersMax), message: cutText(message, detailCharactersMax), ...rest };
}

export interface AppErrorOptions extends ErrorOptions {
  details?: ErrorDetail[] | undefined;
  /** Why a provider refused the request. Public, but may quote the prompt, so logs must not contain it. */
  providerReason?: ProviderReason | undefined;
  /** Seconds after which a retry makes sense; travels as `Retry-After`. */
  retryAfterSeconds?: number | undefined;
  /** Overrides the code's default; travels as `X-Should-Retry`. */
  retryable?: boolean | undefined;
  /** The number of provider calls before the failure; travels as `X-Prodigon-Attempts`. */
  attempts?: number | undefined;
  /** Whether the circuit breaker of the model is open now, so that the failure is the model's and not the request's. */
  isCircuitOpen?: boolean | undefined;
}

/** Codes of a full disk, an exceeded quota or file size limit, a read-only file system, and PostgreSQL's `disk_full`. */
const STORAGE_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', '53100']);

function isStorageError(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && STORAGE_CODES.has(thrown.code);
}

/** An error with a code of the API. `message`, `details` and `providerReason` are public; `cause` is logged and never sent. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetail[] | undefined;
  readonly providerReason: ProviderReason | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly attempts: number | undefined;
  readonly isCircuitOpen: boolean;

  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    super(cutText(message ?? ERROR_CODES[code].message, ERROR_LIMITS.messageCharactersMax), options);
    this.code = code;
    this.details = options.details?.slice(0, ERROR_LIMITS.detailsMax).map(shortenDetail);
    this.providerReason = options.providerReason;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.attempts = options.attempts;
    this.isCircuitOpen = options.isCircuitOpen ?? code === 'CIRCUIT_OPEN';
  }

  /** The text for the client: the reason of the provider, or the message. */
  get publicMessage(): string {
    return this.providerReason?.message ?? this.message;
  }

  /** What clients receive as `Retry-After`, in whole seconds. */
  get publicRetryAfterSeconds(): number | undefined {
    return this.retryAfterSeconds === undefined ? undefined : Math.max(1, Math.ceil(this.retryAfterSeconds));
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  /** Returns any thrown value as an AppError: a full disk becomes `INSUFFICIENT_STORAGE`, everything else `INTERNAL_ERROR`. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    if (isStorageError(thrown)) return new AppError('INSUFFICIENT_STORAGE', undefined, { cause: thrown, retryAfterSeconds: 10 });
    return new AppError('INTERNAL_ERROR', undefined, { cause: thrown });
  }

  /** Returns the same error with the number of provider calls that led to it. */
  afterAttempts(attempts: number): AppError {
    return this.with({ attempts });
  }

  /**
   * Returns the same error for the caller of a translated request. `nameOf` returns the caller's field for a field of the
   * translation.
   */
  withFields(nameOf: (path: string) => string): AppError {
    const { details, providerReason } = this;
    if (!details && !providerReason) return this;
    const paths = [...(details ?? []).map(({ path }) => path), providerReason?.param ?? ''].filter(Boolean);
    const rename = (text: string) => renameFields(text, paths, nameOf);
    const reason = providerReason && {
      ...providerReason,
      message: rename(providerReason.message),
      param: providerReason.param && nameOf(providerReason.param),
    };
    const renamed = details?.map((detail) => ({ ...detail, path: nameOf(detail.path), message: rename(detail.message) }));
    return this.with({ details: renamed, providerReason: reason }, rename(this.message));
  }

  private with(changes: AppErrorOptions, text = this.message): AppError {
    const { code, details, providerReason, retryAfterSeconds, retryable, attempts, isCircuitOpen, cause } = this;
    const own = { details, providerReason, retryAfterSeconds, retryable, attempts, isCircuitOpen, cause };
    return new AppError(code, text, { ...own, ...changes });
  }

  toBody(requestId: string): ErrorBody {
    const { code, publicMessage, details, providerReason: reason } = this;
    const provider = reason && { code: reason.code, param: reason.param };
    return {
      error: { code, message: publicMessage, request_id: requestId, ...(details && { details }), ...(provider && { provider }) },
    };
  }
}

/** Renames these paths in a message where they cannot be ordinary words; without paths, every quoted field. */
function renameFields(text: string, paths: readonly string[], nameOf: (path: string) => string): string {
  const fields = paths.length > 0 ? paths : [...text.matchAll(/['"`]([a-z][\w.[\]]*)['"`]/g)].map(([, field = '']) => field);
  return [...new Set(fields)].reduce((renamed, path) => {
    const literal = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const end = /^[a-z]+$/.test(path) ? `(?=: |['"\`])` : '(?![\\w[])';
    return renamed.replace(new RegExp(`(?<![\\w.])${literal}${end}`, 'g'), () => nameOf(path));
  }, text);
}
