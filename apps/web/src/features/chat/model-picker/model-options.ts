import { baseModelId, type Model, type ModelList } from '@prodigon/contracts';
import { providerTitle } from '../../models/provider-title.ts';

/** An option of the model picker. `value` is the model string; null selects the default model. */
export type ModelOption =
  | { type: 'default'; key: string; value: null }
  | { type: 'model'; key: string; value: string; model: Model }
  /** A model string that no provider lists: a model with parameters, or an id that a provider may accept. */
  | { type: 'other'; key: string; value: string };

export interface ModelOptionGroup {
  /** The provider; null for options that belong to none. */
  label: string | null;
  options: readonly ModelOption[];
}

/** The options that match a filter: the default, then chat models by provider. Without a filter, `selected` is among them. */
export function modelOptionGroups(list: ModelList | null, filter: string, selected: string | null): ModelOptionGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const models = list?.models.filter(({ kind }) => kind === 'chat') ?? [];
  const matching = models.filter((model) => words.every((word) => searchText(model).includes(word)));
  const isListed = (id: string) => models.some((model) => model.id === id);
  const unlisted = new Set<string>();
  if (words.length === 0 && selected !== null && !isListed(selected)) unlisted.add(selected);
  const typed = filter.trim();
  if (typed !== '' && !isListed(typed) && isAccepted(typed, list, isListed)) unlisted.add(typed);

  const groups: ModelOptionGroup[] = [...Map.groupBy(matching, ({ provider }) => provider)].map(([provider, members]) => ({
    label: providerTitle(provider),
    options: members.map((model) => ({ type: 'model', key: model.id, value: model.id, model })),
  }));
  const ungrouped: ModelOption[] = words.length === 0 ? [{ type: 'default', key: '', value: null }] : [];
  for (const value of unlisted) ungrouped.push({ type: 'other', key: `other ${value}`, value });
  if (ungrouped.length === 0) return groups;
  // The selected model string comes first, a typed one last.
  const group = { label: null, options: ungrouped };
  return words.length === 0 ? [group, ...groups] : [...groups, group];
}

function searchText({ id, provider, aliases, description = '' }: Model): string {
  return [id, provider, ...aliases, description].join(' ').toLowerCase();
}

/** Whether the platform may accept a model string that it does not list. */
function isAccepted(modelString: string, list: ModelList | null, isListed: (id: string) => boolean): boolean {
  if (/\s/.test(modelString)) return false;
  return list?.accepts_other_ids === true || (modelString.includes('?') && isListed(baseModelId(modelString)));
}
