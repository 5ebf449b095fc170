import { resolve } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { SettingSources } from './dot-env.ts';
import { ConfigurationError, createSettingReader, type ReadSetting } from './load-configuration.ts';
import { checkModelNames } from './model-names.ts';
import {
  FIELD_NAMES,
  type FieldPath,
  type ModelsFile,
  modelsFileSchema,
  type PolicyData,
  type ProviderData,
} from './models-file-schema.ts';
import { isPlaceholderKey } from './placeholder-key.ts';
import { headerVariables, resolveHeaders } from './provider-headers.ts';
import { SETTINGS } from './settings.ts';
import { suggest } from './similar-names.ts';
import { readTextFile } from './text-file.ts';

export type { PolicyData } from './models-file-schema.ts';

/** A provider that the environment enables. */
export interface ProviderDefinition extends ProviderData {
  readonly name: string;
  /** At least one, without trailing slashes. */
  readonly baseUrls: readonly string[];
  /** Empty when the provider requires no key. */
  readonly apiKeys: readonly string[];
  /** With the values of variables, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The keys and the values in headers, which logs must redact. */
  readonly secrets: readonly string[];
}

export interface ModelsConfiguration {
  /** In the order of the file. */
  readonly providers: readonly ProviderDefinition[];
  readonly policy: PolicyData;
}

export interface LoadedModelsFile extends ModelsConfiguration {
  /** All providers of the file by name, enabled or not. */
  readonly definitions: Readonly<Record<string, ProviderData>>;
  /** The variables that the file names. */
  readonly variables: readonly string[];
  /** Sentences about values that are ignored. */
  readonly warnings: readonly string[];
}

export interface ModelsFileOptions extends SettingSources {
  /** Absolute, or relative to the directory. */
  path: string;
}

/**
 * Loads the providers of `config/models.yaml` that the environment enables with a key or an address. Throws a
 * `ConfigurationError` that lists every problem of the file with its location.
 */
export function loadModelsFile(options: ModelsFileOptions): LoadedModelsFile {
  const problems: string[] = [];
  const warnings = new Set<string>();
  const read = createSettingReader(options, problems);
  const file = parseModelsFile(readText(options), options.path, warnings);
  const providers = Object.entries(file.providers).flatMap(([name, data]) => {
    const definition = enableProvider(name, data, { read, problems, warnings });
    return definition ? [definition] : [];
  });
  for (const { name, baseUrls, base_url_variable: variable } of providers) {
    // `loadConfiguration` reports the variables that are settings.
    if (variable !== undefined && variable in SETTINGS && read(variable) !== undefined) continue;
    for (const url of baseUrls) {
      const { protocol = '', username, password } = URL.parse(url) ?? {};
      if (!/^https?:$/.test(protocol)) problems.push(`${name} has an address that is not an http or https URL`);
      // Addresses appear in errors and logs, where only keys are redacted.
      else if (username || password)
        problems.push(`${name} has an address with a user or password: remove them, and set the key of the provider instead`);
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  const variables = Object.values(file.providers).flatMap(variablesOf);
  return { providers, definitions: file.providers, policy: file.policy ?? {}, variables, warnings: [...warnings] };
}

const variablesOf = ({ base_url_variable, key_variable, unless_variable, headers }: ProviderData) =>
  [base_url_variable, key_variable, unless_variable, ...headerVariables(headers)].filter((name) => name !== undefined);

function readText({ directory, path }: ModelsFileOptions): string {
  try {
    return readTextFile(resolve(directory, path));
  } catch (thrown) {
    throw new ConfigurationError([`MODELS_FILE names a file that ${(thrown as Error).message}: ${path}`]);
  }
}

function parseModelsFile(text: string, path: string, warnings: Set<string>): ModelsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new ConfigurationError(
      document.errors.map(({ message, linePos }) => {
        const at = linePos?.[0];
        const [sentence = ''] = message.split('\n', 1);
        return `${path}${at ? `:${at.line}` : ''}: ${sentence.replace(/ at line \d+, column \d+:?$/, '')}`;
      }),
    );
  }
  const locate = (field: FieldPath, message: string) => {
    const line = lineOf(document, field, lines);
    const names = field.length > 0 ? `${field.map(String).join(' › ')}: ` : '';
    return `${path}${line === undefined ? '' : `:${line}`}: ${names}${message}`;
  };
  const parsed = modelsFileSchema.safeParse(resolveAliases(document, path));
  if (!parsed.success) throw new ConfigurationError(parsed.error.issues.flatMap((issue) => describeIssue(issue, locate)));
  const names = checkModelNames(parsed.data, locate);
  if (names.problems.length > 0) throw new ConfigurationError(names.problems);
  for (const warning of names.warnings) warnings.add(warning);
  return parsed.data;
}

/** Resolves YAML aliases. The parser detects missing anchors and excessive aliases only in this step. */
function resolveAliases(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw new ConfigurationError([`${path}: ${(thrown as Error).message}`]);
  }
}

/** Returns the line of a field, or of the nearest field around it that is in the file. */
function lineOf(document: Document.Parsed, field: FieldPath, lines: LineCounter): number | undefined {
  for (let length = field.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(field.slice(0, length - 1), true);
    const name = String(field[length - 1]);
    const key = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === name)?.key : undefined;
    const node = key ?? document.getIn(field.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function describeIssue(issue: z.core.$ZodIssue, locate: (field: FieldPath, message: string) => string): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => locate([...issue.path, key], `is not a field.${suggest(key, FIELD_NAMES)}`));
  return [locate(issue.path, issue.message)];
}

function enableProvider(
  name: string,
  data: ProviderData,
  { read, problems, warnings }: { read: ReadSetting; problems: string[]; warnings: Set<string> },
): ProviderDefinition | undefined {
  if (data.unless_variable && read(data.unless_variable) !== undefined) return undefined;
  const configuredUrls = listOf(data.base_url_variable && read(data.base_url_variable));
  const apiKeys = readKeys(data.key_variable, read, warnings);
  const baseUrls = configuredUrls.length > 0 || data.base_url === undefined ? configuredUrls : [data.base_url];
  // Every installation has the address in the file, so the key decides whether the provider is enabled.
  const isEnabled = configuredUrls.length > 0 || (baseUrls.length > 0 && (apiKeys.length > 0 || data.key_variable === undefined));
  if (!isEnabled) return undefined;
  const { headers, secrets } = resolveHeaders(name, data.headers, { read, problems });
  return {
    ...data,
    ...{ name, apiKeys, headers, secrets: [...apiKeys, ...secrets] },
    baseUrls: baseUrls.map((url) => withBaseUrlSuffix(url, data.base_url_suffix)),
  };
}

/** Returns the keys of a variable without placeholders, which would enable a provider that then refuses every request. */
function readKeys(variable: string | undefined, read: ReadSetting, warnings: Set<string>): string[] {
  const text = variable && read(variable);
  if (!text) return [];
  const keys = isPlaceholderKey(text) ? [] : listOf(text);
  const apiKeys = keys.filter((key) => !isPlaceholderKey(key));
  if (keys.length === 0 || apiKeys.length < keys.length)
    warnings.add(`${variable} holds a placeholder instead of a key; it is ignored`);
  return apiKeys;
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((item) => item !== '');
}

/** Appends the suffix to the path unless it ends so: `http://host` and `http://host/v1` both become `http://host/v1`. */
export function withBaseUrlSuffix(url: string, suffix = ''): string {
  const [, path = '', query = ''] = /^([^?#]*)(.*)$/.exec(url) ?? [];
  const bare = path.replace(/\/+$/, '');
  return `${bare.endsWith(suffix) ? bare : `${bare}${suffix}`}${query}`;
}
