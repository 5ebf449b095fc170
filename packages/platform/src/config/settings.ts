import { decodeUrlPart } from '@prodigon/contracts';
import { z } from 'zod';
import { parseEnvironmentKey } from './environment-keys.ts';
import {
  databaseUrl,
  flag,
  hasNoCredentials,
  httpUrl,
  httpUrls,
  isAddressRange,
  isHttpUrl,
  isInsideRepository,
  isOrigin,
  list,
  listOf,
  milliseconds,
  oneOf,
  optional,
  optionalFlag,
  optionalNumber,
  port,
  proxyUrl,
  redisUrl,
  wholeNumber,
} from './setting-schemas.ts';

/** The port of the lab service when LAB_PORT is not set. Without LAB_PORT the next free port replaces one that is taken. */
export const LAB_PORT_DEFAULT = 8003;

export interface Setting {
  readonly schema: z.ZodType;
  /** One sentence for `.env.example` and the documentation. */
  readonly description: string;
  /** The default as text; empty when there is none. */
  readonly default: string;
  /** Whether the value is never printed. */
  readonly secret?: true;
}

const setting = <Schema extends z.ZodType>(schema: Schema, fallback: string, description: string, secret?: true) =>
  ({ schema, default: fallback, description, ...(secret && { secret }) }) satisfies Setting;

/** Parses a list, because a provider may have several keys. */
const apiKeys = (provider: string) =>
  setting(list(''), '', `API key for ${provider}. Calls are distributed over several keys, separated by commas.`, true);
const baseUrls = (description: string) =>
  setting(
    listOf('', isHttpUrl, 'http or https URLs').refine(
      (urls) => urls.every(hasNoCredentials),
      'must have no user or password; set the key of the provider instead',
    ),
    '',
    `${description} Calls are distributed over several URLs, separated by commas.`,
  );

/** Every setting of Prodigon, by environment variable. `NAME_FILE` names a file that holds the value of `NAME`. */
export const SETTINGS = {
  HOST: setting(
    z.string().default('127.0.0.1'),
    '127.0.0.1',
    'Address that the gateway listens on. Addresses other than loopback require API_KEYS, REQUIRE_API_KEY=on or ALLOW_ANONYMOUS.',
  ),
  INTERNAL_HOST: setting(
    z.string().default('127.0.0.1'),
    '127.0.0.1',
    'Address that the services behind the gateway listen on. Addresses other than loopback require INTERNAL_TOKEN.',
  ),
  GATEWAY_PORT: setting(port(8000), '8000', 'Port of the gateway and the web UI.'),
  MODEL_PORT: setting(port(8001), '8001', 'Port of the model service.'),
  MODEL_GRPC_PORT: setting(
    optionalNumber(0, 65_535),
    '8011',
    'Port of the model service for gRPC. If it is not set and 8011 is taken, the next free port.',
  ),
  WORKER_PORT: setting(port(8002), '8002', 'Port of the worker service.'),
  CHAT_PORT: setting(
    optionalNumber(0, 65_535),
    '8004',
    'Port on which a gateway serves running responses to other gateways. If it is not set and 8004 is taken, the next free port.',
  ),
  LAB_PORT: setting(
    port(LAB_PORT_DEFAULT).removeDefault().optional(),
    '',
    'Port of the lab service, which runs the experiments and checks of the workshop. Default: 8003, or the next free port.',
  ),
  API_KEYS: setting(
    list('').transform((items) => items.map(parseEnvironmentKey)),
    '',
    'API keys, separated by commas, each as name=key, name:admin=key or only the key. Each key is an owner of its own. Clients send a key as `Authorization: Bearer <key>`.',
    true,
  ),
  REQUIRE_API_KEY: setting(
    optionalFlag,
    '',
    'Whether clients need an API key: on or off. Set it to on if you create all keys with `./prodigon keys`. Default: on if API_KEYS is set, otherwise off.',
  ),
  ALLOW_ANONYMOUS: setting(
    flag(false),
    'false',
    'Set to true to allow a HOST other than loopback where clients need no API key, if something in front of the gateway restricts access.',
  ),
  INTERNAL_TOKEN: setting(
    optional(z.string().min(16, 'must have at least 16 characters')),
    '',
    'Token that authenticates the services to each other. Generated automatically; set it when they run on several machines.',
    true,
  ),
  TRUSTED_PROXIES: setting(
    listOf('', isAddressRange, 'addresses or CIDR ranges'),
    '',
    'Addresses or CIDR ranges of proxies whose X-Forwarded-For is trusted, for the client address in the log and the limit of wrong API keys.',
  ),
  ALLOWED_ORIGINS: setting(
    listOf('', isOrigin, 'origins such as https://chat.example.com or app://obsidian.md'),
    '',
    'Origins of web pages, extensions and apps that may call the API, e.g. app://obsidian.md. Local origins are allowed unless ALLOW_LOCAL_ORIGINS is false.',
  ),
  ALLOW_LOCAL_ORIGINS: setting(
    flag(true),
    'true',
    'Set to false to reject calls from web pages on localhost, except those that the gateway serves itself.',
  ),
  STREAMS_MAX: setting(
    wholeNumber(1000, 1, 100_000),
    '1000',
    'Maximum number of responses in flight. The gateway rejects more with 503.',
  ),
  LIMIT_REQUESTS_PER_MIN: setting(
    optionalNumber(1, 1_000_000_000),
    '',
    'Requests per minute of each owner of API keys. A limit of a key replaces it for this key. Default: no limit.',
  ),
  LIMIT_TOKENS_PER_MIN: setting(
    optionalNumber(1, 1_000_000_000),
    '',
    'Tokens of prompts and responses per minute of each owner of API keys. A limit of a key replaces it for this key. Default: no limit.',
  ),
  LIMIT_STREAMS: setting(
    optionalNumber(1, 100_000),
    '',
    'Concurrent streams of each owner of API keys. A limit of a key replaces it for this key. Default: no limit.',
  ),
  CHAT_TITLES: setting(
    flag(true),
    'on',
    'Whether the model of a conversation writes its title after the first response, with one short request. Offline models write none.',
  ),
  CACHE_TTL_S: setting(
    wholeNumber(0, 0, 2_592_000),
    '0',
    'Seconds for which the gateway repeats its response to an identical request of the same owner. 0 turns the cache off.',
  ),
  CACHE_MB_MAX: setting(
    wholeNumber(64, 1, 65_536),
    '64',
    'Megabytes of responses in the cache of each gateway. With REDIS_URL, the memory of Redis is the limit instead.',
  ),
  BODIES_MB_MAX: setting(
    wholeNumber(256, 1, 65_536),
    '256',
    'Megabytes of request bodies over 64 kB that one process holds in flight. It rejects more with 503.',
  ),
  CONNECT_TIMEOUT_MS: setting(milliseconds(5_000), '5000', 'Timeout for connecting to a provider or service.'),
  FIRST_TOKEN_TIMEOUT_MS: setting(milliseconds(30_000), '30000', 'Timeout for the first content of a streamed response.'),
  IDLE_TIMEOUT_MS: setting(milliseconds(30_000), '30000', 'Timeout between two chunks of a stream.'),
  TOTAL_TIMEOUT_MS: setting(milliseconds(300_000), '300000', 'Timeout for a whole response.'),
  DRAIN_NOTICE_MS: setting(
    wholeNumber(0, 0, 3_600_000),
    '0',
    'Time in which a stopping gateway still accepts requests but /readyz returns 503, so that load balancers notice first. In its last second, it accepts them only on open connections.',
  ),
  DRAIN_TIMEOUT_MS: setting(milliseconds(20_000), '20000', 'Time that open responses may take to finish when a service stops.'),
  CONTENT_DIRS: setting(
    listOf('README.md docs workshop bench/results', isInsideRepository, 'paths inside the repository'),
    'README.md docs workshop bench/results',
    'Files and folders whose Markdown and images the web UI shows and the tutor searches.',
  ),
  DATA_DIR: setting(z.string().default('.prodigon'), '.prodigon', 'Folder for the data of the platform.'),
  DATABASE_URL: setting(
    optional(databaseUrl),
    '',
    'PostgreSQL (tested with 18), e.g. postgresql://user:password@host:5432/prodigon. Default: a private server in DATA_DIR.',
    true,
  ),
  DATABASE_DIRECT_URL: setting(
    optional(databaseUrl),
    '',
    'The same database without a connection pooler. Set it when DATABASE_URL leads to a pooler such as PgBouncer.',
    true,
  ),
  REDIS_URL: setting(
    optional(redisUrl),
    '',
    'Redis (tested with 7), through which gateways and workers share limits, cached responses and batch items, e.g. redis://user:password@host:6379/0, or rediss:// for TLS. Default: none.',
    true,
  ),
  QUEUE_TYPE: setting(
    oneOf(['postgres', 'redis', 'memory'], 'postgres'),
    'postgres',
    'Queue of batch items: postgres, redis for workers that share REDIS_URL, or memory for a single worker process.',
  ),
  JOB_CONCURRENCY: setting(wholeNumber(16, 1, 10_000), '16', 'Number of batch items that one worker processes concurrently.'),
  JOB_LEASE_MS: setting(
    wholeNumber(30_000, 500, 3_600_000),
    '30000',
    'Duration of a lease: other workers take over the items of a worker that does not renew it in time.',
  ),
  JOB_RETENTION_DAYS: setting(wholeNumber(30, 1, 3_650), '30', 'Days for which finished jobs and their results are kept.'),
  USAGE_RETENTION_DAYS: setting(wholeNumber(90, 1, 3_650), '90', 'Days for which the usage and cost of each request are kept.'),
  MODEL_SERVICE_URL: setting(
    httpUrls,
    '',
    'URL of the model service. Several URLs, separated by commas, are replicas, and so are the addresses of a host name. Default: INTERNAL_HOST and MODEL_PORT.',
  ),
  MODEL_GRPC_URL: setting(
    httpUrls,
    '',
    'URL of the model service for gRPC, one for each URL of MODEL_SERVICE_URL. Default: INTERNAL_HOST and MODEL_GRPC_PORT.',
  ),
  WORKER_SERVICE_URL: setting(
    httpUrls,
    '',
    'URL of the worker service. Several URLs, separated by commas, are replicas, and so are the addresses of a host name. Default: INTERNAL_HOST and WORKER_PORT.',
  ),
  GATEWAY_SERVICE_URL: setting(
    httpUrls,
    '',
    'URLs of all gateways, separated by commas, for the health overview. Without REDIS_URL, each gateway enforces its share of all limits, by the number of URLs. Default: only the gateway that responds.',
  ),
  LAB_SERVICE_URL: setting(optional(httpUrl), '', 'URL of the lab service. Default: INTERNAL_HOST and LAB_PORT.'),
  LABS: setting(
    optionalFlag,
    '',
    'Whether the platform runs the workshop: on or off. It executes the code in the folder my/. Default: on if HOST is a loopback address, otherwise off.',
  ),
  MODEL_TRANSPORT: setting(
    oneOf(['http2', 'http1', 'grpc'], 'http2'),
    'http2',
    'Protocol from the gateway and the workers to the model service: http2, http1 or grpc.',
  ),
  MODEL_REQUESTS_PER_CONNECTION: setting(
    optionalNumber(1, 1_000_000_000),
    '',
    'With MODEL_TRANSPORT=http1, closes a connection after this many requests, for load balancers that distribute connections instead of requests.',
  ),
  MODELS_FILE: setting(
    z.string().default('config/models.yaml'),
    'config/models.yaml',
    'File of providers and models, with their addresses, prices, limits, aliases and fallbacks.',
  ),
  GROQ_API_KEY: apiKeys('Groq. Groq is then the default provider'),
  OPENAI_API_KEY: apiKeys('OpenAI, or for the provider at OPENAI_BASE_URL'),
  OPENAI_BASE_URL: baseUrls('URL of any OpenAI-compatible API, e.g. http://127.0.0.1:8080/v1.'),
  OPENROUTER_API_KEY: apiKeys('OpenRouter'),
  OLLAMA_BASE_URL: baseUrls('URL of Ollama, e.g. http://127.0.0.1:11434.'),
  VLLM_BASE_URL: baseUrls('URL of vLLM, e.g. http://127.0.0.1:8080/v1.'),
  VLLM_API_KEY: apiKeys('vLLM, if it requires one'),
  LLAMA_CPP_BASE_URL: baseUrls('URL of the llama.cpp server, e.g. http://127.0.0.1:8080/v1.'),
  LLAMA_CPP_API_KEY: apiKeys('the llama.cpp server, if it requires one'),
  HTTPS_PROXY: setting(
    optional(proxyUrl),
    '',
    'Proxy for providers with https addresses, e.g. http://user:password@proxy.example.com:3128. Also read as https_proxy.',
    true,
  ),
  HTTP_PROXY: setting(
    optional(proxyUrl),
    '',
    'Proxy for providers with http addresses. Also read as http_proxy. Services and loopback addresses have no proxy.',
    true,
  ),
  NO_PROXY: setting(
    list(''),
    '',
    'Hosts without a proxy: names with their subdomains, addresses and CIDR ranges, or *. Also read as no_proxy.',
  ),
  DEFAULT_MODEL: setting(
    optional(z.string()),
    '',
    'Model for requests that name none. Default: the default model of the default provider.',
  ),
  FALLBACK_MODEL: setting(
    optional(z.string()),
    '',
    'Model that replaces one that fails before its first token, after the fallbacks in MODELS_FILE.',
  ),
  USE_MOCK: setting(flag(false), 'false', 'Set to true to use only the offline models, whatever keys are set.'),
  ALLOW_SIMULATOR: setting(
    flag(true),
    'true',
    'Set to false to remove prodigon-sim, which any client may ask for a million tokens.',
  ),
  LOG_LEVEL: setting(
    oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info', { warning: 'warn', critical: 'fatal' }),
    'info',
    'Log level: fatal, error, warn, info, debug, trace or silent.',
  ),
  ENVIRONMENT: setting(
    z.string().default('development'),
    'development',
    'Name of the environment in /health, e.g. development or production.',
  ),
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
/** The validated settings, by environment variable. */
export type Configuration = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** Returns the values of all secret settings and the passwords in them, so that logs can redact them. */
export function secretsOf(configuration: Configuration): string[] {
  const { API_KEYS, ...others } = configuration;
  const names = (Object.keys(others) as (keyof typeof others)[]).filter((name) => 'secret' in SETTINGS[name]);
  const values = [...names.flatMap((name) => others[name] ?? []).map(String), ...API_KEYS.map(({ value }) => value)];
  const passwords = values.flatMap((value) => URL.parse(value)?.password || []);
  return [...new Set([...values, ...passwords, ...passwords.map(decodeUrlPart)])];
}

/** Renders `.env.example`: every setting with its description and default, none of them set. */
export function renderEnvExample(): string {
  const header = [
    '# Copy this file to .env and set what you need. Every setting has a working default.',
    '# NAME_FILE=path reads the value of NAME from a file.',
    '# Environment variables override this file.',
  ];
  const entries = Object.entries<Setting>(SETTINGS).map(
    ([name, { description, default: fallback }]) => `# ${description}\n# ${name}=${fallback}`,
  );
  return `${[header.join('\n'), ...entries].join('\n\n')}\n`;
}
