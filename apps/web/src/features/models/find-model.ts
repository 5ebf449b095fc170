import { baseModelId, type Model, type ModelList } from '@prodigon/contracts';

/** What the list knows of a model string, which may be an alias and carry parameters; the default model for null. */
export function findModel(list: ModelList | null, named: string | null): Model | undefined {
  const id = named === null ? list?.default_model : baseModelId(named);
  if (!id) return undefined;
  return list?.models.find((model) => model.id === id) ?? list?.models.find(({ aliases }) => aliases.includes(id));
}
