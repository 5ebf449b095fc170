import { AppError, type ErrorCode } from '@prodigon/contracts';
import type { ProviderDefinition } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { createOpenAiCompatibleProvider } from './openai-compatible/openai-compatible-provider.ts';

/** Errors of requests whose key the provider accepts. */
const ERRORS_AFTER_AUTHENTICATION: ReadonlySet<ErrorCode> = new Set([
  'BAD_REQUEST',
  'VALIDATION_ERROR',
  'NOT_FOUND',
  'RATE_LIMITED',
  'QUOTA_EXHAUSTED',
  'CONTENT_FILTERED',
]);

export interface CheckOptions {
  readonly connectTimeoutMs: number;
  /** Returns the proxy for a base URL, if any. */
  readonly proxyOf?: (baseUrl: string) => string | undefined;
}

/**
 * Calls a provider with its address and key, and throws its error. Lists the models, which costs nothing. If the provider
 * lists them for any key, also generates one token.
 */
export async function checkProvider(
  definition: ProviderDefinition,
  context: CallContext,
  { connectTimeoutMs, proxyOf = () => undefined }: CheckOptions,
): Promise<void> {
  const { name, baseUrls, apiKeys, headers, output_limit_field: outputLimitField, default_model } = definition;
  const [baseUrl = ''] = baseUrls;
  const [apiKey] = apiKeys;
  const connect = (key: string | undefined) =>
    createOpenAiCompatibleProvider({
      name,
      baseUrl,
      apiKey: key,
      headers,
      connectTimeoutMs,
      proxyUrl: proxyOf(baseUrl),
      outputLimitField,
    });
  const provider = connect(apiKey);
  const anonymous = connect(undefined);
  const { signal } = context;
  try {
    const models = await provider.models(signal).catch(ignoreLaterErrors);
    if (apiKey === undefined) return;
    const isListPublic = await anonymous.models(signal).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    const model = default_model ?? models?.[0]?.id;
    if (!isListPublic || model === undefined) return;
    const request = { model, messages: [{ role: 'user' as const, content: 'Hi' }], max_tokens: 1 };
    await provider.complete(request, context).catch(ignoreLaterErrors);
  } catch (thrown) {
    throw toPublicError(AppError.from(thrown), definition);
  } finally {
    await Promise.all([provider.close(), anonymous.close()]);
  }
}

function ignoreLaterErrors(thrown: unknown): undefined {
  const error = AppError.from(thrown);
  if (!ERRORS_AFTER_AUTHENTICATION.has(error.code)) throw error;
}

function toPublicError(error: AppError, { name, apiKeys }: ProviderDefinition): AppError {
  if (error.code !== 'PROVIDER_KEY_REFUSED') return error;
  const [code, message] =
    apiKeys.length === 0
      ? (['VALIDATION_ERROR', `${name} requires a key at this address.`] as const)
      : (['PROVIDER_KEY_REFUSED', `${name} refused the key, so it was not stored.`] as const);
  return new AppError(code, message, { details: [{ path: 'api_key', message }], cause: error.cause });
}
