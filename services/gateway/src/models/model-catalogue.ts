import { bareModelId, type ModelList, noDefaultModel, unknownModel } from '@prodigon/contracts';
import type { CallContext, ModelClient } from '@prodigon/ports';

export interface ModelCatalogue {
  list(context: CallContext): Promise<ModelList>;
  /** The bare id of the model that will answer. Throws `UNKNOWN_MODEL`, or `SERVICE_UNAVAILABLE` when nobody can say. */
  resolve(model: string | undefined, context: CallContext): Promise<string>;
  /** The default model as last heard, or null. */
  lastDefault(): string | null;
}

const TTL_MS = 5_000;

/** What the model service offers, asked again at most every five seconds. */
export function createModelCatalogue({ model, now = Date.now }: { model: ModelClient; now?: () => number }): ModelCatalogue {
  let known: { list: ModelList; at: number } | undefined;

  async function list(context: CallContext): Promise<ModelList> {
    if (known && now() - known.at < TTL_MS) return known.list;
    known = { list: await model.models(context), at: now() };
    return known.list;
  }

  return {
    list,
    async resolve(requested, context) {
      const { default_model, models, accepts_other_ids, problems } = await list(context);
      const model = requested ?? default_model;
      if (model === null) throw noDefaultModel();
      const id = bareModelId(model);
      const isKnown = accepts_other_ids || problems.length > 0 || models.some((each) => each.id === id);
      if (isKnown) return id;
      throw unknownModel(id);
    },
    lastDefault: () => known?.list.default_model ?? null,
  };
}
