import { z } from 'zod';

/** A key is sent as a Bearer token, which allows no white space. */
const apiKeySchema = z
  .string()
  .trim()
  .max(4_096)
  .regex(/^[\x21-\x7e]+$/, 'Must consist of letters, digits and punctuation, without spaces');

const baseUrlSchema = z
  .string()
  .trim()
  .max(2_048)
  // Parsers of URLs drop line ends, and requests have no fragment.
  .regex(/^[^\s#]*$/, 'Must not contain white space or #')
  .pipe(z.url({ protocol: /^https?$/, error: 'Must be an http or https URL' }))
  .refine(hasNoCredentials, 'Must not contain a user or password: enter the key instead');

function hasNoCredentials(text: string): boolean {
  try {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  } catch {
    return false;
  }
}

/** The settings of a provider as the platform stores them. */
export const providerSettingsSchema = z.strictObject({ api_key: apiKeySchema.optional(), base_url: baseUrlSchema.optional() });
export type ProviderSettings = z.infer<typeof providerSettingsSchema>;

/** The body of PUT `/api/v1/providers/{name}`. It replaces the stored settings, but never deletes a key that it does not mention. */
export const providerChangeSchema = z
  .strictObject({
    api_key: apiKeySchema
      .nullable()
      .optional()
      .describe(
        'API key of the provider; null: none. Without this field, the provider keeps its stored key, unless the origin of `base_url` changes: then the request fails. No response contains it',
      ),
    base_url: baseUrlSchema.optional().describe('Address of the API, for providers without a fixed address'),
  })
  .meta({ id: 'ProviderChange' });
export type ProviderChange = z.infer<typeof providerChangeSchema>;

/** A provider of `config/models.yaml`, enabled or not. */
export const providerStateSchema = z
  .object({
    name: z.string(),
    source: z
      .enum(['environment', 'stored'])
      .nullable()
      .describe('Source of its settings. Environment variables override stored settings; null: not configured'),
    has_key: z.boolean(),
    key_variable: z.string().nullable().describe('Environment variable of the key; null: the provider has no key'),
    base_url_variable: z.string().nullable().describe('Environment variable of the address; null: the address is fixed'),
    base_url: z.string().nullable().describe('The stored address, for clients that may change it'),
  })
  .meta({ id: 'ProviderState' });
export type ProviderState = z.infer<typeof providerStateSchema>;

/** The response of GET `/api/v1/providers`. */
export const providerListSchema = z
  .object({
    providers: z.array(providerStateSchema),
    locked: z.string().nullable().describe('Why this client may not change the settings; null: it may'),
  })
  .meta({ id: 'ProviderList' });
export type ProviderList = z.infer<typeof providerListSchema>;

/** The response of the internal list of providers. */
export const providerStatesSchema = z.array(providerStateSchema);
