import { isIP } from 'node:net';
import { cutText } from '@prodigon/contracts';
import { readDotEnv, type SettingSources } from './dot-env.ts';
import { findKeyProblems } from './environment-keys.ts';
import { isPlaceholderKey } from './placeholder-key.ts';
import { type Configuration, SETTINGS, type SettingName } from './settings.ts';
import { readTextFile, TextFileError } from './text-file.ts';

/** Exit status for errors that a restart cannot fix, e.g. an invalid setting or a port in use (`EX_CONFIG` in sysexits.h). */
export const EXIT_CONFIGURATION = 78;

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** Returns the text of a setting from the environment, `.env` or the file that `NAME_FILE` names; undefined when it is empty or missing. */
export type ReadSetting = (name: string) => string | undefined;

/** Reads and validates all settings. Throws a `ConfigurationError` that lists every problem, without the values of secrets. */
export function loadConfiguration(options: SettingSources): Configuration {
  const problems: string[] = [];
  const read = createSettingReader(options, problems);
  const values: Record<string, unknown> = {};

  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const text = read(name);
    const parsed = SETTINGS[name].schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${describe(name, text, parsed.error.issues[0]?.message ?? 'is not valid')}`);
  }
  problems.push(...checkAcrossSettings(values));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values as Configuration;
}

function describe(name: SettingName, text: string | undefined, message: string): string {
  const isSecret = 'secret' in SETTINGS[name];
  const shown = text === undefined || isSecret ? '' : ` (it is ${JSON.stringify(cutText(maskCredentials(text), 80))})`;
  return `${/^must/i.test(message) ? message.replace(/^M/, 'm') : `is not valid: ${message}`}${shown}`;
}

/** Replaces user and password in URLs, which are secret in every setting. */
const maskCredentials = (text: string) => text.replace(/:\/\/[^\s,]*@/g, '://***@');

/** Checks the rules that combine settings. Skips the invalid ones, which are undefined. */
function checkAcrossSettings(configuration: Partial<Configuration>): string[] {
  const { HOST, API_KEYS, REQUIRE_API_KEY, ALLOW_ANONYMOUS, INTERNAL_HOST, INTERNAL_TOKEN } = configuration;
  const problems: string[] = [];
  const isOpen = API_KEYS !== undefined && !requiresApiKey({ API_KEYS, REQUIRE_API_KEY });
  if (HOST !== undefined && !isLoopback(HOST) && isOpen && ALLOW_ANONYMOUS === false) {
    problems.push(
      `HOST is ${HOST}, which other machines can reach: set API_KEYS or REQUIRE_API_KEY=on, or leave HOST at 127.0.0.1`,
    );
  }
  if (INTERNAL_HOST !== undefined && !isLoopback(INTERNAL_HOST) && INTERNAL_TOKEN === undefined) {
    problems.push(`INTERNAL_HOST is ${INTERNAL_HOST}, which other machines can reach: set INTERNAL_TOKEN`);
  }
  // An invalid URL is no property.
  if (configuration.DATABASE_DIRECT_URL && 'DATABASE_URL' in configuration && configuration.DATABASE_URL === undefined)
    problems.push('DATABASE_DIRECT_URL is set without DATABASE_URL: set both, or only DATABASE_URL');
  if (configuration.QUEUE_TYPE === 'redis' && 'REDIS_URL' in configuration && configuration.REDIS_URL === undefined)
    problems.push('QUEUE_TYPE is redis: set REDIS_URL, or set QUEUE_TYPE to postgres');
  const { MODEL_TRANSPORT, MODEL_SERVICE_URL, MODEL_GRPC_URL } = configuration;
  const replicas = MODEL_SERVICE_URL?.length ?? 1;
  const isGrpcUrlDefault = MODEL_SERVICE_URL === undefined && MODEL_GRPC_URL === undefined;
  if (MODEL_TRANSPORT === 'grpc' && !isGrpcUrlDefault && MODEL_GRPC_URL?.length !== replicas)
    problems.push(`MODEL_TRANSPORT is grpc: set MODEL_GRPC_URL to one URL for each URL of MODEL_SERVICE_URL (${replicas})`);
  problems.push(...findPortConflicts(configuration));
  problems.push(...findKeyProblems(API_KEYS ?? []));
  if (isPlaceholderKey(INTERNAL_TOKEN ?? '')) problems.push('INTERNAL_TOKEN is a placeholder: replace or remove it');
  return problems;
}

function findPortConflicts(configuration: Partial<Configuration>): string[] {
  const names = ['GATEWAY_PORT', 'MODEL_PORT', 'MODEL_GRPC_PORT', 'WORKER_PORT', 'LAB_PORT', 'CHAT_PORT'] as const;
  return names.flatMap((name, index) =>
    names
      .slice(index + 1)
      .filter((other) => configuration[name] && configuration[name] === configuration[other])
      .map((other) => `${name} and ${other} are both ${configuration[name]}`),
  );
}

/** Returns whether an address or host name is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1' || bare === '::ffff:127.0.0.1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/** Returns whether clients need an API key. */
export function requiresApiKey({ REQUIRE_API_KEY, API_KEYS }: Pick<Configuration, 'REQUIRE_API_KEY' | 'API_KEYS'>): boolean {
  return REQUIRE_API_KEY ?? API_KEYS.length > 0;
}

/** Returns whether the platform runs the workshop, which executes the learner's code. */
export function hasLabs({ LABS, HOST }: Pick<Configuration, 'LABS' | 'HOST'>): boolean {
  return LABS ?? isLoopback(HOST);
}

/** Creates a reader of settings. It adds unreadable files, including `.env`, to `problems`. */
export function createSettingReader({ env, directory }: SettingSources, problems: string[]): ReadSetting {
  // The environment comes first, so that its NAME_FILE also overrides NAME in `.env`.
  const sources = [
    omitEmpty(env),
    omitEmpty(
      readOrReport(
        (problem) => `.env ${problem}`,
        () => readDotEnv(directory),
        problems,
      ) ?? {},
    ),
  ];
  return (name) => {
    const source = sources.find((each) => each[name] ?? each[`${name}_FILE`]);
    const path = source?.[`${name}_FILE`];
    if (path === undefined) return source?.[name];
    return (
      source?.[name] ??
      (readOrReport(
        (problem) => `${name}_FILE names a file that ${problem}: ${path}`,
        () => readTextFile(path),
        problems,
      )?.trim() ||
        undefined)
    );
  };
}

/** Variables that most programs read in lower case too, and in lower case first. */
export const LOWER_CASE_VARIABLES: readonly string[] = ['https_proxy', 'http_proxy', 'no_proxy'];

/** Returns the variables that are not empty, in upper case. */
function omitEmpty(env: NodeJS.ProcessEnv | Record<string, string | undefined>): Record<string, string | undefined> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  for (const name of LOWER_CASE_VARIABLES) if (set[name] !== undefined) set[name.toUpperCase()] = set[name];
  return set;
}

/** Returns undefined, and reports the problem, when a file cannot be read. */
function readOrReport<Value>(describe: (problem: string) => string, read: () => Value, problems: string[]): Value | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof TextFileError)) throw thrown;
    problems.push(describe(thrown.message));
    return undefined;
  }
}
