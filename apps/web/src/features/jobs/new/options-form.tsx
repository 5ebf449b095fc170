import { GENERATION_LIMITS, JOB_LIMITS } from '@prodigon/contracts';
import { Field } from '../../../design/form-controls.tsx';
import { Panel } from '../../../design/page.tsx';
import { TextArea } from '../../../design/text-area.tsx';
import { ModelPickerField } from '../../models/model-picker-field.tsx';
import { OptionalNumberField } from '../../models/optional-number-field.tsx';
import type { NewJob } from './use-new-job.ts';

interface NumberField {
  name: 'max_tokens' | 'temperature' | 'priority' | 'expires_in_hours';
  label: string;
  min: number;
  max: number;
  step: number;
  hint: string;
}

const MODEL_OPTIONS: readonly NumberField[] = [
  { name: 'max_tokens', label: 'Max tokens', min: 1, max: GENERATION_LIMITS.maxTokensMax, step: 1, hint: 'Optional' },
  {
    name: 'temperature',
    label: 'Temperature',
    min: 0,
    max: GENERATION_LIMITS.temperatureMax,
    step: 0.1,
    hint: `Optional, 0 to ${GENERATION_LIMITS.temperatureMax}. Some models reject it`,
  },
];

const QUEUE_OPTIONS: readonly NumberField[] = [
  {
    name: 'priority',
    label: 'Priority',
    min: 0,
    max: JOB_LIMITS.priorityMax,
    step: 1,
    hint: `0 to ${JOB_LIMITS.priorityMax}, highest first`,
  },
  {
    name: 'expires_in_hours',
    label: 'Expires after',
    min: 1,
    max: JOB_LIMITS.expiresInHoursMax,
    step: 1,
    hint: `Hours, 1 to ${JOB_LIMITS.expiresInHoursMax}`,
  },
];

/** The options that all prompts share. */
export function OptionsForm({ form }: { form: NewJob }) {
  const { fields } = form.draft;
  const { setField, fieldErrors } = form;
  return (
    <Panel title="Options">
      <div className="flex flex-col gap-4 p-5">
        <Field label="Name" hint="Defaults to the start of the first prompt" error={fieldErrors.name}>
          {(control) => (
            <input
              {...control}
              value={fields.name}
              maxLength={JOB_LIMITS.nameCharactersMax}
              autoComplete="off"
              onChange={(event) => setField('name', event.target.value)}
              className="field"
            />
          )}
        </Field>
        <ModelPickerField value={fields.model} error={fieldErrors.model} onChange={(model) => setField('model', model)} />
        <Field label="System prompt" hint="Optional. Sent before every prompt" error={fieldErrors.system_prompt}>
          {(control) => (
            <TextArea
              {...control}
              rows={3}
              value={fields.system_prompt}
              onChange={(value) => setField('system_prompt', value)}
              className="field resize-y"
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-4">
          {MODEL_OPTIONS.map(({ name, ...field }) => (
            <OptionalNumberField
              key={name}
              {...field}
              error={fieldErrors[name]}
              value={fields[name]}
              onChange={(value) => setField(name, value)}
            />
          ))}
          {QUEUE_OPTIONS.map(({ name, label, min, max, step, hint }) => (
            <Field key={name} label={label} hint={hint} error={fieldErrors[name]}>
              {(control) => (
                <input
                  {...control}
                  type="number"
                  inputMode="numeric"
                  min={min}
                  max={max}
                  step={step}
                  value={fields[name]}
                  onChange={(event) => setField(name, event.target.value)}
                  className="field tabular"
                />
              )}
            </Field>
          ))}
        </div>
      </div>
    </Panel>
  );
}
