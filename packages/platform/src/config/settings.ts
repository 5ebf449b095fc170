import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** What an empty or missing variable means: not set. */
const unset = (schema: z.ZodType<string>) => schema.optional();
const whole = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${min} to ${max}` })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);
const port = (fallback: number) => whole(fallback, 0, 65_535);
const milliseconds = (fallback: number) => whole(fallback, 1, 86_400_000);
const oneOf = <const Option extends string>(options: readonly Option[], fallback: Option) =>
  z.enum(options, { error: `must be one of ${options.join(', ')}` }).default(() => fallback);
const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));
const listOf = (fallback: string, isFine: (item: string) => boolean, what: string) =>
  list(fallback).refine((items) => items.every(isFine), `must be a list of ${what}`);
const isAddressRange = (text: string) => {
  const [address = '', prefix] = text.split('/');
  return isIP(address) !== 0 && (prefix === undefined || /^\d{1,3}$/.test(prefix));
};
const isInsideRepository = (path: string) => !isAbsolute(path) && !path.split(/[\\/]/).includes('..');
const databaseUrl = z.url({
  protocol: /^postgres(?:ql)?$/,
  error: 'must be a URL such as postgresql://user:password@host:5432/name',
});
const isHttpUrl = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));
const httpUrls = z
  .string()
  .transform((text) => [...new Set(text.split(/[\s,]+/).filter((item) => item !== ''))])
  .pipe(z.array(httpUrl).min(1, 'must be http or https URLs, separated by commas'))
  .optional();

export interface Setting {
  readonly schema: z.ZodType;
  /** One sentence for `.env.example` and the documentation. */
  readonly description: string;
  /** As it would be written in `.env`; empty when there is none. */
  readonly default: string;
  /** Never printed. */
  readonly secret?: true;
}

const variable = <Schema extends z.ZodType>(schema: Schema, fallback: string, description: string, secret?: true) =>
  ({ schema, default: fallback, description, ...(secret && { secret }) }) satisfies Setting;

/** Several of them are used in turn, so they are read as a list. */
const key = (whose: string) => variable(list(''), '', `Key for ${whose}. Several, separated by commas, share the calls.`, true);
const addresses = (description: string) =>
  variable(listOf('', isHttpUrl, 'http or https URLs'), '', `${description} Several, separated by commas, share the calls.`);

/** Every environment variable that Prodigon reads. Each can also be given as `NAME_FILE`, a file that holds the value. */
export const SETTINGS = {
  HOST: variable(
    z.string().default('127.0.0.1'),
    '127.0.0.1',
    'Address that the gateway listens on. Any other than loopback needs API_KEYS.',
  ),
  INTERNAL_HOST: variable(
    z.string().default('127.0.0.1'),
    '127.0.0.1',
    'Address that the services behind the gateway listen on.',
  ),
  GATEWAY_PORT: variable(port(8000), '8000', 'Port of the gateway and the page.'),
  MODEL_PORT: variable(port(8001), '8001', 'Port of the model service.'),
  WORKER_PORT: variable(port(8002), '8002', 'Port of the worker service.'),
  API_KEYS: variable(
    list(''),
    '',
    'Keys that callers must send as `Authorization: Bearer <key>`, separated by commas. None: no key is needed.',
    true,
  ),
  INTERNAL_TOKEN: variable(
    unset(z.string().min(16, 'must have at least 16 characters')),
    '',
    'What the services show each other. Made at start when not set; set it where they run on several machines.',
    true,
  ),
  TRUSTED_PROXIES: variable(
    listOf('', isAddressRange, 'addresses or CIDR ranges'),
    '',
    'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed.',
  ),
  ALLOWED_ORIGINS: variable(
    listOf('', (item) => URL.parse(item)?.origin === item, 'origins such as https://chat.example.com'),
    '',
    'Origins of other web pages that may call the API from a browser, besides local ones.',
  ),
  STREAMS_MAX: variable(whole(1000, 1, 100_000), '1000', 'Answers that may be in the making at once; more are refused with 503.'),
  CONNECT_TIMEOUT_MS: variable(milliseconds(5_000), '5000', 'How long connecting to a provider or service may take.'),
  FIRST_TOKEN_TIMEOUT_MS: variable(milliseconds(30_000), '30000', 'How long the first content of a streamed answer may take.'),
  IDLE_TIMEOUT_MS: variable(milliseconds(30_000), '30000', 'How long a stream may be silent between two pieces.'),
  TOTAL_TIMEOUT_MS: variable(milliseconds(300_000), '300000', 'How long a whole answer may take.'),
  DRAIN_TIMEOUT_MS: variable(milliseconds(20_000), '20000', 'How long open answers may go on when a service is told to stop.'),
  CONTENT_DIRS: variable(
    listOf('README.md docs workshop bench/results', isInsideRepository, 'paths inside the repository'),
    'README.md docs workshop bench/results',
    'Files and folders whose Markdown, with its images, may be read in the page; the tutor searches it.',
  ),
  DATA_DIR: variable(z.string().default('.prodigon'), '.prodigon', 'Folder for what the platform keeps.'),
  DATABASE_URL: variable(
    unset(databaseUrl),
    '',
    'PostgreSQL (tested with 18), e.g. postgresql://user:password@host:5432/prodigon. Without it: a private one in DATA_DIR.',
    true,
  ),
  QUEUE_TYPE: variable(
    oneOf(['postgres', 'memory'], 'postgres'),
    'postgres',
    'What tells workers which item is next: postgres, or memory for a single worker process.',
  ),
  JOB_CONCURRENCY: variable(whole(16, 1, 10_000), '16', 'Prompts of batch jobs that one worker has in flight at once.'),
  JOB_LEASE_MS: variable(
    whole(30_000, 500, 3_600_000),
    '30000',
    'How long a worker may be silent before others take over what it holds.',
  ),
  JOB_RETENTION_DAYS: variable(whole(30, 1, 3_650), '30', 'How long finished jobs and their results are kept.'),
  USAGE_RETENTION_DAYS: variable(whole(90, 1, 3_650), '90', 'How long it is kept what each request used and cost.'),
  MODEL_SERVICE_URL: variable(
    httpUrls,
    '',
    'Where the model service is; several addresses, separated by commas, are replicas. Without it: INTERNAL_HOST and MODEL_PORT.',
  ),
  WORKER_SERVICE_URL: variable(
    httpUrls,
    '',
    'Where the worker service is; several addresses, separated by commas, are replicas. Without it: INTERNAL_HOST and WORKER_PORT.',
  ),
  MODEL_TRANSPORT: variable(
    oneOf(['http2', 'http1'], 'http2'),
    'http2',
    'Protocol between the gateway and the model service: http2 or http1.',
  ),
  MODELS_FILE: variable(
    z.string().default('config/models.yaml'),
    'config/models.yaml',
    'Providers and models: addresses, prices, limits, aliases, fallbacks.',
  ),
  GROQ_API_KEY: key('Groq. With it Groq answers by default'),
  OPENAI_API_KEY: key('OpenAI, or for the provider at OPENAI_BASE_URL'),
  OPENAI_BASE_URL: addresses('Any OpenAI-compatible API, e.g. http://127.0.0.1:8080/v1.'),
  OPENROUTER_API_KEY: key('OpenRouter'),
  OLLAMA_BASE_URL: addresses('Ollama, e.g. http://127.0.0.1:11434.'),
  VLLM_BASE_URL: addresses('vLLM, e.g. http://127.0.0.1:8080/v1.'),
  VLLM_API_KEY: key('vLLM, if it wants one'),
  LLAMA_CPP_BASE_URL: addresses('The server of llama.cpp, e.g. http://127.0.0.1:8080/v1.'),
  LLAMA_CPP_API_KEY: key('the server of llama.cpp, if it wants one'),
  DEFAULT_MODEL: variable(unset(z.string()), '', 'Model that answers when a request names none. Without it: by provider.'),
  FALLBACK_MODEL: variable(
    unset(z.string()),
    '',
    'Model that answers when another fails before its first word, after those that MODELS_FILE names for it.',
  ),
  USE_MOCK: variable(
    z.stringbool({ error: 'must be true or false' }).default(false),
    'false',
    'true: only the offline models, whatever keys are set.',
  ),
  LOG_LEVEL: variable(
    oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    'info',
    'fatal, error, warn, info, debug, trace or silent.',
  ),
  ENVIRONMENT: variable(
    z.string().default('development'),
    'development',
    'Shown by /health and in logs, e.g. development or production.',
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
/** The validated configuration, by the names of the variables. */
export type Configuration = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** The configured secrets themselves, so that logs can leave them out. */
export function secretsOf(configuration: Configuration): string[] {
  const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => 'secret' in SETTINGS[name]);
  return names.flatMap((name) => configuration[name] ?? []).map(String);
}
