import {
  type ApiKey,
  apiKeyListSchema,
  apiKeySchema,
  callerSchema,
  createApiKeyRequestSchema,
  createdApiKeySchema,
  rotateApiKeyRequestSchema,
  updateApiKeyRequestSchema,
} from '@prodigon/contracts';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';

const key: ApiKey = {
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
  name: 'laptop',
  owner: 'ada',
  role: 'member',
  parent_id: null,
  created_at: '2026-03-10T12:00:00.000Z',
  last_used_at: '2026-03-10T12:04:31.000Z',
  expires_at: null,
  revoked_at: null,
  previous_expires_at: null,
  limits: { requests_per_min: 60, tokens_per_min: null, streams: null },
  budget: { usd_per_day: 5, usd_per_month: null, tokens_per_day: null, tokens_per_month: null },
  models: null,
  spending: {
    day: { tokens: 5_210, usd: 0.0041, resets_at: '2026-03-11T00:00:00.000Z' },
    month: { tokens: 91_400, usd: 0.0722, resets_at: '2026-04-01T00:00:00.000Z' },
  },
};
// Secret scanners recognize a real value.
const created = { ...key, last_used_at: null, key: 'prodigon_…' };

const keyContent = { 'application/json': { schema: apiKeySchema, examples: { key } } };
const createdContent = { 'application/json': { schema: createdApiKeySchema, examples: { created } } };
const KEY_ERRORS = ['API_KEY_NOT_FOUND', ...SERVICE_ERRORS] as const;
const MEMBERS =
  'Members see the keys of their owner, and change those that their own key created. An unrestricted key, which no other key created and which has no expiry, limits, budget or allowed models, changes all member keys of its owner. A key cannot give more rights than it has. Admins see and change all keys. Keys in `API_KEYS` have the id `environment:<name>` and cannot be changed here.';

export const getCaller = {
  operationId: 'getCaller',
  tag: 'keys',
  summary: 'Describe yourself',
  description:
    'Returns your owner and role, and your key if you sent one. Without a key, your owner is `local`, with the role `admin`.',
  responses: {
    200: {
      description: 'The caller',
      content: {
        'application/json': {
          schema: callerSchema,
          examples: { key: { owner: 'ada', role: 'member', key, requires_key: true } },
        },
      },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const listKeys = {
  operationId: 'listKeys',
  tag: 'keys',
  summary: 'List keys',
  description: `Returns the newest keys first, including revoked ones. ${MEMBERS}`,
  responses: {
    200: {
      description: 'The keys',
      content: { 'application/json': { schema: apiKeyListSchema, examples: { keys: { keys: [key] } } } },
    },
  },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const createKey = {
  operationId: 'createKey',
  tag: 'keys',
  summary: 'Create a key',
  description: `Returns the value of the key, which no later response contains. The limits and the budget of a member's key also apply to the keys that it creates, and revoking it ends them. Such a key cannot create keys itself. A valid key of the same owner must not have the same name. Allowed models must be models that the platform offers. ${MEMBERS}`,
  body: {
    'application/json': {
      schema: createApiKeyRequestSchema,
      examples: {
        key: { name: 'laptop' },
        restricted: { name: 'batch', owner: 'ada', limits: { requests_per_min: 60 }, budget: { usd_per_day: 5 } },
      },
    },
  },
  responses: { 201: { description: 'The key with its value', content: createdContent, headers: ['Location'] } },
  errors: ['CONFLICT', ...SERVICE_ERRORS],
} satisfies Operation;

export const getKey = {
  operationId: 'getKey',
  tag: 'keys',
  summary: 'Get a key',
  description: MEMBERS,
  responses: { 200: { description: 'The key', content: keyContent } },
  errors: KEY_ERRORS,
} satisfies Operation;

export const updateKey = {
  operationId: 'updateKey',
  tag: 'keys',
  summary: 'Change or restore a key',
  description: `Changes the given properties. \`{"revoked": false}\` restores a key within ten minutes after its revocation. A member's key restores only keys that it revoked itself, and cannot change itself. ${MEMBERS}`,
  body: {
    'application/json': {
      schema: updateApiKeyRequestSchema,
      examples: { limit: { limits: { requests_per_min: 120 } }, restore: { revoked: false } },
    },
  },
  responses: { 200: { description: 'The key', content: keyContent } },
  errors: ['CONFLICT', ...KEY_ERRORS],
} satisfies Operation;

export const revokeKey = {
  operationId: 'revokeKey',
  tag: 'keys',
  summary: 'Revoke a key',
  description: `Makes the key and the keys that it created invalid. This gateway rejects them immediately, and the others within five seconds. Their open responses end within a minute. A key can revoke itself. Revoking a revoked key changes nothing. ${MEMBERS}`,
  responses: { 200: { description: 'The revoked key', content: keyContent } },
  errors: ['CONFLICT', ...KEY_ERRORS],
} satisfies Operation;

export const rotateKey = {
  operationId: 'rotateKey',
  tag: 'keys',
  summary: 'Replace the value of a key',
  description: `Returns the new value, which no later response contains. The previous value remains valid for \`overlap_seconds\`, but cannot manage keys. While a previous value is valid, only a rotation without an overlap is possible, which ends it. A key may rotate itself. ${MEMBERS}`,
  body: {
    'application/json': {
      schema: rotateApiKeyRequestSchema,
      examples: { overlap: { overlap_seconds: 3_600 }, immediately: { overlap_seconds: 0 } },
    },
  },
  responses: { 200: { description: 'The key with its new value', content: createdContent } },
  errors: ['CONFLICT', ...KEY_ERRORS],
} satisfies Operation;
