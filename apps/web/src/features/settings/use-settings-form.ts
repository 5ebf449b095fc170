import { useEffect, useState } from 'react';
import { useModels } from '../../api/models-store.ts';
import { findModel } from '../models/find-model.ts';
import { type ApiLimits, BUILT_IN_LIMITS, fetchLimits } from './api-limits.ts';
import { DEFAULT_SETTINGS } from './chat-settings.ts';
import { useChatSettings } from './chat-settings-store.ts';
import { fieldsOf, maxTokensOf, readFields, type SettingsFields } from './settings-fields.ts';

/** The state of the form. What is valid is saved as it is typed; what is not stays here, with what is wrong about it. */
export function useSettingsForm() {
  const { list } = useModels();
  const save = useChatSettings((state) => state.save);
  const [fields, setFields] = useState(() => fieldsOf(useChatSettings.getState().settings));
  const [wasChanged, setChanged] = useState(false);
  const [apiLimits, setApiLimits] = useState<ApiLimits>(BUILT_IN_LIMITS);
  useEffect(() => void fetchLimits().then(setApiLimits), []);

  const limitsFor = (chosen: string) => {
    const model = findModel(list, chosen.trim() || null);
    return { ...apiLimits, outputTokensMax: model?.output_tokens_max ?? null };
  };
  const limits = limitsFor(fields.model);
  const read = readFields(fields, limits);

  const change = (changes: Partial<SettingsFields>) => {
    const next = { ...fields, ...changes };
    const nextLimits = limitsFor(next.model);
    // Who chooses a model that writes less wants no more than it can.
    const longest = maxTokensOf(nextLimits);
    if (changes.model !== undefined && Number(next.max_tokens) > longest) next.max_tokens = String(longest);
    setFields(next);
    setChanged(true);
    const result = readFields(next, nextLimits);
    if ('settings' in result) save(result.settings);
  };
  return {
    fields,
    change,
    reset: () => change(fieldsOf(DEFAULT_SETTINGS)),
    errors: 'errors' in read ? read.errors : {},
    isValid: 'settings' in read,
    wasChanged,
    limits,
    maxTokens: maxTokensOf(limits),
    /** The model's own limit is the one that counts. */
    isModelsLimit: limits.outputTokensMax !== null && limits.outputTokensMax < apiLimits.max_tokens.maximum,
  };
}
