import type { ReadSetting } from './load-configuration.ts';

/** A token of RFC 9110. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Everything that a field value may contain, without line breaks. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const VARIABLE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** Headers that belong to the connection, or that every request sets. */
const RESERVED = new Set(
  `accept accept-encoding connection content-encoding content-length content-type expect host keep-alive proxy-authenticate
  proxy-authorization proxy-connection te trailer transfer-encoding upgrade x-request-id`.split(/\s+/),
);

/** Returns why a provider cannot have these headers: the name of the header and a clause for each problem. */
export function checkHeaders(
  headers: Readonly<Record<string, string>>,
  { hasKey }: { readonly hasKey: boolean },
): readonly { readonly name: string; readonly problem: string }[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const lowerCase = name.toLowerCase();
    const problem = describeProblem(lowerCase, value, { hasKey, isRepeated: seen.has(lowerCase) });
    seen.add(lowerCase);
    return problem === undefined ? [] : [{ name, problem }];
  });
}

function describeProblem(name: string, value: string, { hasKey, isRepeated }: { hasKey: boolean; isRepeated: boolean }) {
  if (!NAME.test(name)) return 'is not a valid header name';
  if (RESERVED.has(name)) return 'is a header that Prodigon sets itself';
  if (name === 'authorization' && hasKey) return 'contains the key: remove this header or key_variable';
  if (isRepeated) return 'appears twice, in different case';
  if (!VALUE.test(value)) return 'has a value with characters that a header cannot contain';
  if (value.replaceAll(VARIABLE, '').includes('${')) return `has a value with an invalid variable: use e.g. \${ACME_TOKEN}`;
  return undefined;
}

/** Returns the variables in the values of headers. */
export const headerVariables = (headers: Readonly<Record<string, string>> = {}): string[] =>
  Object.values(headers).flatMap((value) => Array.from(value.matchAll(VARIABLE), ([, name = '']) => name));

/** Returns the headers without variables, by their names in lower case. */
export function literalHeaders(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const literal = Object.entries(headers).filter(([, value]) => !value.includes('${'));
  return Object.fromEntries(literal.map(([name, value]) => [name.toLowerCase(), value]));
}

export interface ProviderHeaders {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The values of variables, which logs must redact. */
  readonly secrets: readonly string[];
}

/** Replaces variables by their values. Adds missing and unusable ones to `problems`, without their values. */
export function resolveHeaders(
  provider: string,
  headers: Readonly<Record<string, string>> = {},
  { read, problems }: { readonly read: ReadSetting; readonly problems: string[] },
): ProviderHeaders {
  const secrets: string[] = [];
  const resolved = Object.entries(headers).map(([name, template]) => {
    const value = template.replaceAll(VARIABLE, (_match, variable: string) => {
      const text = read(variable)?.trim();
      if (text === undefined) problems.push(`${provider} has a header ${name} with ${variable}, which is not set`);
      else if (!VALUE.test(text)) problems.push(`${variable} has characters that a header cannot contain`);
      else secrets.push(text);
      return text ?? '';
    });
    return [name.toLowerCase(), value] as const;
  });
  return { headers: Object.fromEntries(resolved), secrets };
}
