import {
  baseModelId,
  forbiddenModelError,
  type ModelList,
  noDefaultModelError,
  resolveModelId,
  unknownModelError,
} from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';

export interface ResolvedModel {
  /** Without parameters. */
  readonly id: string;
  /** With the parameters of offline models. */
  readonly model: string;
  /** Whether it runs inside the platform, without a vendor. */
  readonly isOffline: boolean;
  /** Null when unknown. */
  readonly contextTokens: number | null;
  readonly outputTokensMax: number | null;
  readonly warning: string | null;
}

export interface ModelCatalog {
  /** Returns a new list from the model service every time, because the health of models changes by the second. */
  list(context: CallContext): Promise<ModelList>;
  /**
   * Returns the id of the model for a request, bare and with its parameters, and a warning for its caller. Throws
   * `UNKNOWN_MODEL`, `FORBIDDEN` for a model that the caller's key may not use, or `SERVICE_UNAVAILABLE` when the model
   * service cannot be reached.
   */
  resolve(model: string | null | undefined, context: CallContext): Promise<ResolvedModel>;
  /** Returns the names that are no models, independent of the caller's key. Throws `SERVICE_UNAVAILABLE` as `resolve` does. */
  findUnknown(names: readonly string[], context: CallContext): Promise<string[]>;
  /** Returns the default model of the caller's last list, or null. */
  lastDefault(context: CallContext): string | null;
}

const TTL_MS = 5_000;
/** More keys than are in use at a time. */
const LISTS_MAX = 1_000;

/**
 * Creates the model catalog. `resolve` caches the list for five seconds, because every typed stream calls it. Each API key
 * has a list of its own, because it may be restricted to some models.
 */
export function createModelCatalog({ model: client, now = Date.now }: { model: ModelClient; now?: () => number }): ModelCatalog {
  const lists = new Map<string | undefined, { list: ModelList; at: number }>();

  async function list(context: CallContext): Promise<ModelList> {
    const { keyId } = context.principal;
    const list = await client.models(context);
    lists.delete(keyId);
    lists.set(keyId, { list, at: now() });
    const [oldest] = lists.keys();
    if (lists.size > LISTS_MAX) lists.delete(oldest);
    return list;
  }

  return {
    list,
    async resolve(requested, context) {
      const cached = lists.get(context.principal.keyId);
      const known = cached && now() - cached.at < TTL_MS ? cached.list : await list(context);
      const name = requested ?? known.default_model;
      if (name === null) throw noDefaultModelError();
      const { model, warning } = resolveModelId(name, known, new Date(now()).toISOString().slice(0, 10));
      const id = baseModelId(model);
      const { models, allowed_ids } = known;
      if (allowed_ids && !allowed_ids.includes(id)) throw forbiddenModelError(name);
      if (!isOffered(id, known)) throw unknownModelError(name);
      const listed = models.find((each) => each.id === id);
      return {
        id,
        model,
        isOffline: listed?.offline === true,
        contextTokens: listed?.context_tokens ?? null,
        outputTokensMax: listed?.output_tokens_max ?? null,
        warning,
      };
    },
    async findUnknown(names, context) {
      const { id, role } = context.principal;
      // A key lists only the models that it may use.
      const known = await client.models({ ...context, principal: { id, role } });
      const today = new Date(now()).toISOString().slice(0, 10);
      return names.filter((name) => !isOffered(baseModelId(resolveModelId(name, known, today).model), known));
    },
    lastDefault: ({ principal }) => lists.get(principal.keyId)?.list.default_model ?? null,
  };
}

/** While a provider's list is unknown, it may offer any model. */
function isOffered(id: string, { accepts_other_ids, problems, models }: ModelList): boolean {
  return accepts_other_ids || problems.length > 0 || models.some((each) => each.id === id);
}
