import { useEffect, useState } from 'react';
import { useModels } from '../../api/models-store.ts';
import { findModel } from '../models/find-model.ts';
import { type ApiLimits, BUILT_IN_LIMITS, fetchLimits } from './api-limits.ts';
import { DEFAULT_SETTINGS } from './chat-settings.ts';
import { useChatSettings } from './chat-settings-store.ts';
import { fieldsOf, readFields, type SettingsFields } from './settings-fields.ts';

/** The state of the form. What is valid is saved as it is typed; what is not stays here, with what is wrong about it. */
export function useSettingsForm() {
  const { list } = useModels();
  const save = useChatSettings((state) => state.save);
  const [fields, setFields] = useState(() => fieldsOf(useChatSettings.getState().settings));
  const [wasChanged, setChanged] = useState(false);
  const [limits, setLimits] = useState<ApiLimits>(BUILT_IN_LIMITS);
  useEffect(() => void fetchLimits().then(setLimits), []);

  const read = readFields(fields, limits);

  const change = (changes: Partial<SettingsFields>) => {
    const next = { ...fields, ...changes };
    setFields(next);
    setChanged(true);
    const result = readFields(next, limits);
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
    /** The longest answer that the chosen model can write; null when that is not known. More is not asked of it. */
    outputTokensMax: findModel(list, fields.model.trim() || null)?.output_tokens_max ?? null,
  };
}
