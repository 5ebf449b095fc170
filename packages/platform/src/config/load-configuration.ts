import { isIP } from 'node:net';
import { createSettingReader, type SourceOptions } from './setting-sources.ts';
import { type Configuration, SETTINGS, type SettingName } from './settings.ts';

/** What starting again would not cure: a bad variable, a taken port (EX_CONFIG of sysexits.h). */
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

/** Reads and validates every variable. Throws a `ConfigurationError` that lists all problems at once and no value of a secret. */
export function loadConfiguration(options: SourceOptions): Configuration {
  const problems: string[] = [];
  const read = createSettingReader(options, problems);
  const values: Record<string, unknown> = {};

  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const text = read(name);
    const parsed = SETTINGS[name].schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name} ${describe(name, text, parsed.error.issues[0]?.message ?? 'is not valid')}`);
  }
  // Rules across variables only make sense for values that are each valid.
  if (problems.length === 0) problems.push(...crossChecks(values as Configuration));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return values as Configuration;
}

function describe(name: SettingName, text: string | undefined, message: string): string {
  const isSecret = 'secret' in SETTINGS[name];
  const shown = text === undefined || isSecret ? '' : ` (it is ${JSON.stringify(text.slice(0, 80))})`;
  return `${message.startsWith('must') ? message : `is not valid: ${message}`}${shown}`;
}

function crossChecks(configuration: Configuration): string[] {
  const problems: string[] = [];
  if (!isLoopback(configuration.HOST) && configuration.API_KEYS.length === 0) {
    problems.push(`HOST is ${configuration.HOST}, which others can reach: set API_KEYS, or leave HOST at 127.0.0.1`);
  }
  if (!isLoopback(configuration.INTERNAL_HOST) && configuration.INTERNAL_TOKEN === undefined) {
    problems.push(`INTERNAL_HOST is ${configuration.INTERNAL_HOST}, which others can reach: set INTERNAL_TOKEN`);
  }
  problems.push(...equalPorts(configuration));
  if (configuration.API_KEYS.some((key) => key.length < 16)) problems.push('API_KEYS holds a key of fewer than 16 characters');
  return problems;
}

function equalPorts(configuration: Configuration): string[] {
  const names = ['GATEWAY_PORT', 'MODEL_PORT', 'WORKER_PORT'] as const;
  return names.flatMap((name, index) =>
    names
      .slice(index + 1)
      .filter((other) => configuration[name] !== 0 && configuration[name] === configuration[other])
      .map((other) => `${name} and ${other} are both ${configuration[name]}`),
  );
}

/** Whether an address or host name stays on this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1' || bare === '::ffff:127.0.0.1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}
