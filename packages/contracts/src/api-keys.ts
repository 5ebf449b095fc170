import { z } from 'zod';

/** What every API key starts with, so that people and secret scanners recognize it. */
export const API_KEY_PREFIX = 'prodigon_';

/** The owner of every call without a key, on platforms that require none. */
export const LOCAL_OWNER = 'local';

/** Precedes the name in the id of a key of API_KEYS. */
export const ENVIRONMENT_KEY_PREFIX = 'environment:';

/** Returns whether an id is that of a key of API_KEYS, which has neither limits nor a budget of its own. */
export const isEnvironmentKey = (id: string): boolean => id.startsWith(ENVIRONMENT_KEY_PREFIX);

export const apiKeyRoleSchema = z.enum(['admin', 'member']);
export type ApiKeyRole = z.infer<typeof apiKeyRoleSchema>;

export const API_KEY_LIMITS = {
  nameCharactersMax: 64,
  modelsMax: 100,
  keysPerOwnerMax: 100,
  overlapSecondsMax: 2_592_000,
} as const;

const NAME = /^[\p{L}\p{N}](?: ?[\p{L}\p{N}._@-])*$/u;
/** The name of a key or an owner. Names that look alike, such as those in full-width letters, must not be two owners. */
export const apiKeyNameSchema = z
  .string()
  .min(1)
  .max(API_KEY_LIMITS.nameCharactersMax)
  // No pattern in the OpenAPI document: few of its tools know the properties of Unicode.
  .refine(
    (name) => NAME.test(name),
    'Use letters, digits, single spaces and . _ @ -. Start with a letter or digit, and do not end with a space',
  )
  .refine((name) => name === name.normalize('NFKC'), 'Use letters and digits in their usual form (Unicode NFKC)');

/** A value in the wrong field would appear in lists, logs and backups. */
const newNameSchema = apiKeyNameSchema.refine((name) => !name.startsWith(API_KEY_PREFIX), 'Must not be the value of a key');

const isUuid = (name: string) => z.uuid().safeParse(name).success;
/** Commands find keys by their name or their id. */
const uniqueNameSchema = newNameSchema.refine((name) => !isUuid(name), 'Must not look like the id of a key');

const count = z.int().min(1).max(1_000_000_000);
const tokenCount = z.int().min(1).max(1_000_000_000_000);
const amountUsd = z.number().positive().max(1_000_000);

/** Makes each property null when it is absent. A default would also apply to changes, where an absent property stays as it is. */
const withNulls = <Shape extends Record<string, z.ZodNullable>>(shape: Shape) =>
  Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.default(null)])) as {
    [Name in keyof Shape]: z.ZodDefault<Shape[Name]>;
  };

const limitsShape = {
  requests_per_min: count.nullable(),
  tokens_per_min: tokenCount.nullable(),
  streams: count.nullable().describe('Concurrent streams'),
};
/** Limits of one key. Null means the limit of the platform for its owner. */
export const apiKeyLimitsSchema = z.object(limitsShape);
export type ApiKeyLimits = z.infer<typeof apiKeyLimitsSchema>;

const budgetShape = {
  usd_per_day: amountUsd.nullable(),
  usd_per_month: amountUsd.nullable(),
  tokens_per_day: tokenCount.nullable(),
  tokens_per_month: tokenCount.nullable(),
};
/** What a key may spend in a day and in a month of UTC. Null means no limit. */
export const apiKeyBudgetSchema = z.object(budgetShape);
export type ApiKeyBudget = z.infer<typeof apiKeyBudgetSchema>;

const modelsSchema = z
  .array(z.string().min(1).max(256))
  .min(1)
  .max(API_KEY_LIMITS.modelsMax)
  .nullable()
  .describe('Ids or aliases of the only models that the key may use. Null means all models');

const spendingSchema = z.object({
  tokens: z.number(),
  usd: z.number(),
  resets_at: z.iso.datetime().describe('The start of the next day or month of UTC'),
});
/** What a key and the keys that it created have spent in the current day and month. A request counts when it ends. */
export const apiKeySpendingSchema = z.object({ day: spendingSchema, month: spendingSchema });
export type ApiKeySpending = z.infer<typeof apiKeySpendingSchema>;

export const apiKeySchema = z
  .object({
    id: z.string().describe('A UUID, or `environment:<name>` for a key of API_KEYS'),
    name: z.string(),
    owner: z.string(),
    role: apiKeyRoleSchema,
    parent_id: z.string().nullable().describe('The key that created this one, whose limits and budget also apply'),
    created_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    previous_expires_at: z.iso.datetime().nullable().describe('When the value before the last rotation becomes invalid'),
    limits: apiKeyLimitsSchema,
    budget: apiKeyBudgetSchema,
    models: modelsSchema,
    spending: apiKeySpendingSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

export const apiKeyListSchema = z.object({ keys: z.array(apiKeySchema) });
export type ApiKeyList = z.infer<typeof apiKeyListSchema>;

export const createApiKeyRequestSchema = z.strictObject({
  name: uniqueNameSchema,
  owner: newNameSchema.optional().describe('Default: the owner of the calling key. Only admins may name another owner'),
  role: apiKeyRoleSchema.default('member'),
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
  limits: z.strictObject(withNulls(limitsShape)).prefault({}),
  budget: z.strictObject(withNulls(budgetShape)).prefault({}),
  models: modelsSchema.default(null),
});
export type CreateApiKeyRequest = z.infer<typeof createApiKeyRequestSchema>;
export type CreateApiKeyRequestInput = z.input<typeof createApiKeyRequestSchema>;

export const updateApiKeyRequestSchema = z.strictObject({
  name: uniqueNameSchema.optional(),
  role: apiKeyRoleSchema.optional(),
  expires_at: z.iso.datetime({ offset: true }).nullable().optional(),
  limits: z.strictObject(limitsShape).partial().optional().describe('Absent limits stay as they are'),
  budget: z.strictObject(budgetShape).partial().optional().describe('Absent budgets stay as they are'),
  models: modelsSchema.optional(),
  revoked: z.literal(false).optional().describe('Restores a revoked key, within ten minutes after its revocation'),
});
export type UpdateApiKeyRequest = z.infer<typeof updateApiKeyRequestSchema>;

export const rotateApiKeyRequestSchema = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(API_KEY_LIMITS.overlapSecondsMax)
    .default(3_600)
    .describe('Seconds for which the previous value remains valid'),
});
export type RotateApiKeyRequest = z.infer<typeof rotateApiKeyRequestSchema>;

/** A key with its value, which no later response contains. */
export const createdApiKeySchema = apiKeySchema
  .extend({ key: z.string().describe('The value of the key, which no later response contains') })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

/** Who the caller is. */
export const callerSchema = z
  .object({
    owner: z.string(),
    role: apiKeyRoleSchema,
    key: apiKeySchema.nullable().describe('Null for a call without a key'),
    requires_key: z.boolean().describe('Whether the platform rejects calls without a key'),
  })
  .meta({ id: 'Caller' });
export type Caller = z.infer<typeof callerSchema>;
