import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useModels } from '../../api/models-query.ts';
import { Button } from '../../design/button.tsx';
import { Field } from '../../design/form-controls.tsx';
import { formatCount } from '../../design/format.ts';
import { Panel } from '../../design/page.tsx';
import { TextArea } from '../../design/text-area.tsx';
import { findModel } from '../models/model-labels.ts';
import { ModelPickerField } from '../models/model-picker-field.tsx';
import { OptionalNumberField } from '../models/optional-number-field.tsx';
import { useApiLimits } from './api-limits.ts';
import { DEFAULT_SETTINGS } from './chat-settings.ts';
import { useChatSettings } from './chat-settings-store.ts';
import { parseFields, type SettingsFields, settingsToFields } from './settings-fields.ts';

/** The form for the chat settings. It saves valid input while the user types. */
export function DefaultsPanel() {
  const { fields, change, reset, errors, isValid, wasChanged, limits, outputTokensMax } = useSettingsForm();
  const { max_tokens, temperature } = limits;
  const isCapped = outputTokensMax !== null && outputTokensMax < max_tokens.maximum;
  return (
    <Panel
      title="Chat defaults"
      aside={
        <Button variant="quiet" onClick={reset}>
          Reset to defaults
        </Button>
      }
    >
      <div className="grid gap-4 p-5 lg:grid-cols-2">
        <div className="flex flex-col gap-4">
          <ModelPickerField
            label="Default model"
            value={fields.model}
            error={errors.model}
            onChange={(model) => change({ model })}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <OptionalNumberField
              label="Max tokens"
              hint={`Optional${isCapped ? `, limited to ${formatCount(outputTokensMax)} by this model` : ''}`}
              error={errors.max_tokens}
              min={max_tokens.minimum}
              max={max_tokens.maximum}
              step={1}
              value={fields.max_tokens}
              onChange={(value) => change({ max_tokens: value })}
            />
            <OptionalNumberField
              label="Temperature"
              hint={`Optional, ${temperature.minimum} to ${temperature.maximum}. Some models reject it`}
              error={errors.temperature}
              min={temperature.minimum}
              max={temperature.maximum}
              step={0.1}
              value={fields.temperature}
              onChange={(value) => change({ temperature: value })}
            />
          </div>
        </div>
        <Field label="System prompt" hint="Optional. Sent before every conversation" error={errors.system_prompt}>
          {(control) => (
            <TextArea
              {...control}
              rows={5}
              value={fields.system_prompt}
              onChange={(value) => change({ system_prompt: value })}
              className="field resize-y"
            />
          )}
        </Field>
      </div>
      <p role="status" className="border-t border-border px-5 py-3 text-sm text-text-2">
        {isValid && wasChanged && (
          <span className="me-2 inline-flex items-center gap-1.5 font-medium text-ok">
            <CircleCheck aria-hidden size={16} /> Saved in this browser.
          </span>
        )}
        {isValid
          ? 'Settings apply to the next question.'
          : 'Not saved: correct the marked fields. Until then, the last valid settings apply.'}
      </p>
    </Panel>
  );
}

/** The state of the form. Invalid input stays in the form with its errors. */
function useSettingsForm() {
  const { list } = useModels();
  const save = useChatSettings((state) => state.save);
  const [fields, setFields] = useState(() => settingsToFields(useChatSettings.getState().settings));
  const [wasChanged, setChanged] = useState(false);
  const limits = useApiLimits();

  const parsed = parseFields(fields, limits);

  const change = (changes: Partial<SettingsFields>) => {
    const next = { ...fields, ...changes };
    setFields(next);
    setChanged(true);
    const result = parseFields(next, limits);
    if ('settings' in result) save(result.settings);
  };
  return {
    fields,
    change,
    reset: () => change(settingsToFields(DEFAULT_SETTINGS)),
    errors: 'errors' in parsed ? parsed.errors : {},
    isValid: 'settings' in parsed,
    wasChanged,
    limits,
    /** Output limit of the selected model in tokens, which caps requests; null if unknown. */
    outputTokensMax: findModel(list, fields.model.trim() || null)?.output_tokens_max ?? null,
  };
}
