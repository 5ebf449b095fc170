import { baseModelId, type Model, type ModelList } from '@prodigon/contracts';

/** Something that can be chosen. `value` is the model string; null leaves the choice to the default. */
export type PickerEntry =
  | { type: 'default'; key: string; value: null }
  | { type: 'model'; key: string; value: string; model: Model }
  /** A string that nobody lists: a model with parameters, or an id that a provider may know. */
  | { type: 'other'; key: string; value: string };

export interface PickerGroup {
  /** The provider; null for what belongs to none. */
  label: string | null;
  entries: readonly PickerEntry[];
}

/** What the picker offers for what was typed: the default, then chat models by provider. `chosen` is always to be found. */
export function pickerGroupsOf(list: ModelList | null, typed: string, chosen: string | null): PickerGroup[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const models = list?.models.filter(({ kind }) => kind === 'chat') ?? [];
  const found = models.filter((model) => words.every((word) => textOf(model).includes(word)));
  const isListed = (id: string) => models.some((model) => model.id === id);
  const others = new Set<string>();
  if (words.length === 0 && chosen !== null && !isListed(chosen)) others.add(chosen);
  const string = typed.trim();
  if (string !== '' && !isListed(string) && mayBeAsked(string, list, isListed)) others.add(string);

  const groups: PickerGroup[] = [...Map.groupBy(found, ({ provider }) => provider)].map(([label, members]) => ({
    label,
    entries: members.map((model) => ({ type: 'model', key: model.id, value: model.id, model })),
  }));
  const loose: PickerEntry[] = words.length === 0 ? [{ type: 'default', key: '', value: null }] : [];
  for (const value of others) loose.push({ type: 'other', key: `other ${value}`, value });
  // What was typed is the last resort; what was chosen before stays on top.
  if (loose.length === 0) return groups;
  const group = { label: null, entries: loose };
  return words.length === 0 ? [group, ...groups] : [...groups, group];
}

function textOf({ id, provider, aliases, description = '' }: Model): string {
  return [id, provider, ...aliases, description].join(' ').toLowerCase();
}

function mayBeAsked(string: string, list: ModelList | null, isListed: (id: string) => boolean): boolean {
  if (/\s/.test(string)) return false;
  return list?.accepts_other_ids === true || (string.includes('?') && isListed(baseModelId(string)));
}
