import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** Accepts undefined, which the reader returns for empty and missing variables. */
export const optional = (schema: z.ZodType<string>) => schema.optional();
export const wholeNumber = (fallback: number, min: number, max: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${min} to ${max}` })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);
export const port = (fallback: number) => wholeNumber(fallback, 0, 65_535);
/** Accepts undefined, so that a default differs from a number that the operator has chosen. */
export const optionalNumber = (min: number, max: number) => wholeNumber(min, min, max).unwrap().optional();
export const milliseconds = (fallback: number) => wholeNumber(fallback, 1, 86_400_000);
/** Accepts any case, and the names of other programs in `aliases`. */
export const oneOf = <const Option extends string>(
  options: readonly Option[],
  fallback: Option,
  aliases: Readonly<Record<string, Option>> = {},
) =>
  z
    .string()
    .transform((text) => aliases[text.trim().toLowerCase()] ?? text.trim().toLowerCase())
    .pipe(z.enum(options, { error: `must be one of ${options.join(', ')}` }))
    .default(() => fallback);
export const flag = (fallback: boolean) =>
  z.stringbool({ error: 'must be true or false; yes, no, on, off, 1 and 0 mean the same' }).default(fallback);
export const optionalFlag = z.stringbool({ error: 'must be on or off' }).optional();
export const list = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));
export const listOf = (fallback: string, isValid: (item: string) => boolean, expected: string) =>
  list(fallback).refine((items) => items.every(isValid), `must be a list of ${expected}`);
export const isAddressRange = (text: string) => {
  const [address = '', prefix] = text.split('/');
  return isIP(address) !== 0 && (prefix === undefined || /^\d{1,3}$/.test(prefix));
};
/** Accepts origins as browsers send them, also those of apps and extensions, for which the URL standard defines none. */
export const isOrigin = (text: string) =>
  /^https?:/i.test(text) ? URL.parse(text)?.origin === text : /^(?!file:)[a-z][a-z0-9+.-]*:\/\/[^/?#@\\]+$/.test(text);
export const isInsideRepository = (path: string) => !isAbsolute(path) && !path.split(/[\\/]/).includes('..');
/**
 * Accepts the URLs of SQLAlchemy, which name a driver, e.g. `postgresql+asyncpg://`. Verifies the certificate in every mode
 * that uses TLS, except `no-verify`. The driver does the same, but warns that its next major version will not.
 */
export const databaseUrl = z
  .url({
    protocol: /^postgres(?:ql)?(?:\+[a-z0-9]+)?$/,
    error: 'must be a URL such as postgresql://user:password@host:5432/name',
  })
  .transform((url) => url.replace(/^postgres(?:ql)?\+[a-z0-9]+:/i, 'postgresql:'))
  .transform((url) =>
    /[?&]uselibpqcompat=true(?:&|$)/.test(url)
      ? url
      : url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full'),
  );
export const redisUrl = z.url({
  protocol: /^rediss?$/,
  error: 'must be a URL such as redis://user:password@host:6379/0, or rediss:// for TLS',
});
export const isHttpUrl = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
export const hasNoCredentials = (text: string) => {
  const { username = '', password = '' } = URL.parse(text) ?? {};
  return username === '' && password === '';
};
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .refine(hasNoCredentials, 'must have no user or password')
  .transform((url) => url.replace(/\/+$/, ''));
export const httpUrls = z
  .string()
  .transform((text) => [...new Set(text.split(/[\s,]+/).filter((item) => item !== ''))])
  .pipe(z.array(httpUrl).min(1, 'must be http or https URLs, separated by commas'))
  .optional();

/** Accepts `host:port`, as other programs do. */
export const proxyUrl = z
  .string()
  .transform((text) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`))
  .pipe(z.url({ protocol: /^https?$/, error: 'must be an http or https URL such as http://proxy.example.com:3128' }));
