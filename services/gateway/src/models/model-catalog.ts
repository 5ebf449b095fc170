import { baseModelId, type ModelList, noDefaultModelError, resolveModelId, unknownModelError } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';

export interface ModelCatalog {
  /** Returns a new list from the model service every time, because the health of models changes by the second. */
  list(context: CallContext): Promise<ModelList>;
  /**
   * Returns the bare id of the model for a request, and a warning for its caller. Throws `UNKNOWN_MODEL`, or
   * `SERVICE_UNAVAILABLE` when the model service cannot be reached.
   */
  resolve(model: string | null | undefined, context: CallContext): Promise<{ id: string; warning: string | null }>;
  /** Returns the default model of the last list, or null. */
  lastDefault(): string | null;
}

const TTL_MS = 5_000;

/** Creates the model catalog. `resolve` caches the list for five seconds, because every typed stream calls it. */
export function createModelCatalog({ model, now = Date.now }: { model: ModelClient; now?: () => number }): ModelCatalog {
  let cached: { list: ModelList; at: number } | undefined;

  async function list(context: CallContext): Promise<ModelList> {
    cached = { list: await model.models(context), at: now() };
    return cached.list;
  }

  return {
    list,
    async resolve(requested, context) {
      const known = cached && now() - cached.at < TTL_MS ? cached.list : await list(context);
      const name = requested ?? known.default_model;
      if (name === null) throw noDefaultModelError();
      const { model, warning } = resolveModelId(name, known, new Date(now()).toISOString().slice(0, 10));
      const id = baseModelId(model);
      const { accepts_other_ids, problems, models } = known;
      const isKnown = accepts_other_ids || problems.length > 0 || models.some((each) => each.id === id);
      if (isKnown) return { id, warning };
      throw unknownModelError(name);
    },
    lastDefault: () => cached?.list.default_model ?? null,
  };
}
