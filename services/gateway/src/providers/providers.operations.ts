import { type ProviderList, providerChangeSchema, providerListSchema } from '@prodigon/contracts';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';

const providers: ProviderList = {
  providers: [
    {
      name: 'groq',
      source: 'stored',
      has_key: true,
      key_variable: 'GROQ_API_KEY',
      base_url_variable: null,
      base_url: null,
    },
    {
      name: 'ollama',
      source: null,
      has_key: false,
      key_variable: null,
      base_url_variable: 'OLLAMA_BASE_URL',
      base_url: null,
    },
  ],
  locked: null,
};

const list = { 'application/json': { schema: providerListSchema, examples: { providers } } };

export const listProviders = {
  operationId: 'listProviders',
  tag: 'models',
  summary: 'List providers',
  description: 'Returns the providers of MODELS_FILE and the sources of their settings. The response contains no keys.',
  responses: { 200: { description: 'The providers', content: list } },
  errors: SERVICE_ERRORS,
} satisfies Operation;

const LOCAL_ONLY =
  'Only admins on the same machine may call it, without a proxy, and only while HOST is a loopback address. Browsers may call it only from pages of this platform.';

export const saveProvider = {
  operationId: 'saveProvider',
  tag: 'models',
  summary: 'Set up a provider',
  description: `Calls the provider with the settings, then stores them and applies them immediately. A change without a key keeps the stored key, and fails if the origin of the address changes. If the provider refuses the settings or is unreachable, nothing changes. ${LOCAL_ONLY}`,
  body: {
    'application/json': {
      schema: providerChangeSchema,
      examples: { key: { api_key: 'gsk_0123456789' }, address: { base_url: 'http://127.0.0.1:11434' } },
    },
  },
  responses: { 200: { description: 'The providers', content: list } },
  errors: [
    'BAD_REQUEST',
    'FORBIDDEN',
    'NOT_FOUND',
    'CONFLICT',
    'INFERENCE_ERROR',
    'PROVIDER_KEY_REFUSED',
    'PROVIDER_UNREACHABLE',
    'INSUFFICIENT_STORAGE',
    ...SERVICE_ERRORS,
  ],
} satisfies Operation;

export const removeProvider = {
  operationId: 'removeProvider',
  tag: 'models',
  summary: 'Remove the settings of a provider',
  description: `Deletes the stored settings of the provider. Its models are unavailable immediately. ${LOCAL_ONLY}`,
  responses: { 200: { description: 'The providers', content: list } },
  errors: ['FORBIDDEN', 'NOT_FOUND', ...SERVICE_ERRORS],
} satisfies Operation;
