import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError } from './load-configuration.ts';
import { type ModelsFile, modelsFileSchema, type PolicyData, type ProviderData } from './models-file-schema.ts';
import { createSettingReader, type ReadSetting, type SourceOptions } from './setting-sources.ts';

export type { PolicyData } from './models-file-schema.ts';

/** A provider that the environment has turned on. */
export interface ProviderDefinition extends ProviderData {
  readonly name: string;
  /** Without a slash at the end; at least one. */
  readonly baseUrls: readonly string[];
  /** None when it wants none. */
  readonly apiKeys: readonly string[];
}

export interface ModelsConfiguration {
  /** In the order of the file. */
  readonly providers: readonly ProviderDefinition[];
  readonly policy: PolicyData;
}

export interface ModelsFileOptions extends SourceOptions {
  /** From the directory, or absolute. */
  path: string;
}

/**
 * The providers of `config/models.yaml` that have what they need in the environment: a key, or an address of their own.
 * Throws a `ConfigurationError` that lists every problem of the file at once, each with its place.
 */
export function loadModelsFile(options: ModelsFileOptions): ModelsConfiguration {
  const problems: string[] = [];
  const read = createSettingReader(options, problems);
  const file = parseModelsFile(readText(options), options.path);
  const providers = Object.entries(file.providers).flatMap(([name, data]) => {
    const definition = turnOn(name, data, read);
    return definition ? [definition] : [];
  });
  for (const { name, baseUrls } of providers) {
    for (const url of baseUrls) {
      if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) problems.push(`${name} has an address that is no http or https URL`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { providers, policy: file.policy ?? {} };
}

function readText({ directory, path }: ModelsFileOptions): string {
  try {
    return readFileSync(resolve(directory, path), 'utf8');
  } catch {
    throw new ConfigurationError([`MODELS_FILE names a file that cannot be read: ${path}`]);
  }
}

function parseModelsFile(text: string, path: string): ModelsFile {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new ConfigurationError(
      document.errors.map(({ message }) => `${path}: ${message.split('\n', 1)[0]?.replace(/:$/, '')}`),
    );
  }
  const parsed = modelsFileSchema.safeParse(resolveAliases(document, path));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(parsed.error.issues.map((issue) => `${path}: ${describeIssue(issue)}`));
}

/** Only here does it show that an alias has no anchor, or that there are too many of them. */
function resolveAliases(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw new ConfigurationError([`${path}: ${(thrown as Error).message}`]);
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const { path } = issue;
  // Of a name that may not be one, the reason lies deeper.
  const message = (issue.code === 'invalid_key' && issue.issues[0]?.message) || issue.message;
  return `${path.length > 0 ? `${path.map(String).join(' › ')}: ` : ''}${message}`;
}

function turnOn(name: string, data: ProviderData, read: ReadSetting): ProviderDefinition | undefined {
  if (data.unless_variable && read(data.unless_variable) !== undefined) return undefined;
  const own = listOf(data.base_url_variable && read(data.base_url_variable));
  const apiKeys = listOf(data.key_variable && read(data.key_variable));
  const baseUrls = own.length > 0 || data.base_url === undefined ? own : [data.base_url];
  // An address that stands in the file is there for everybody, so it is the key that says whether to use it.
  const isOn = own.length > 0 || (baseUrls.length > 0 && (apiKeys.length > 0 || data.key_variable === undefined));
  return isOn ? { ...data, name, apiKeys, baseUrls: baseUrls.map((url) => withSuffix(url, data.base_url_suffix)) } : undefined;
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((item) => item !== '');
}

/** `http://host` and `http://host/v1` both mean `http://host/v1`. */
function withSuffix(url: string, suffix = ''): string {
  const bare = url.replace(/\/+$/, '');
  return bare.endsWith(suffix) ? bare : `${bare}${suffix}`;
}
