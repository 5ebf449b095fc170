import { baseModelId, type ModelList, noDefaultModelError, resolveModelId, unknownModelError } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';

export interface ModelCatalogue {
  /** As it is now: how models do changes by the second. */
  list(context: CallContext): Promise<ModelList>;
  /**
   * The bare id of the model that is to answer, and what its caller should know. Throws `UNKNOWN_MODEL`, or
   * `SERVICE_UNAVAILABLE` when nobody can say.
   */
  resolve(model: string | undefined, context: CallContext): Promise<{ id: string; warning: string | null }>;
  /** The default model as last heard, or null. */
  lastDefault(): string | null;
}

const TTL_MS = 5_000;

/** What the model service offers. Names alone, which every request needs, are asked for at most every five seconds. */
export function createModelCatalogue({ model, now = Date.now }: { model: ModelClient; now?: () => number }): ModelCatalogue {
  let known: { list: ModelList; at: number } | undefined;

  async function list(context: CallContext): Promise<ModelList> {
    known = { list: await model.models(context), at: now() };
    return known.list;
  }

  return {
    list,
    async resolve(requested, context) {
      const names = known && now() - known.at < TTL_MS ? known.list : await list(context);
      const named = requested ?? names.default_model;
      if (named === null) throw noDefaultModelError();
      const { model, warning } = resolveModelId(named, names, new Date(now()).toISOString().slice(0, 10));
      const id = baseModelId(model);
      const { accepts_other_ids, problems, models } = names;
      const isKnown = accepts_other_ids || problems.length > 0 || models.some((each) => each.id === id);
      if (isKnown) return { id, warning };
      throw unknownModelError(named);
    },
    lastDefault: () => known?.list.default_model ?? null,
  };
}
