import { GENERATION_LIMITS, JOB_LIMITS } from '@prodigon/contracts';
import { Field } from '../../../design/form-controls.tsx';
import { formatCount } from '../../../design/format.ts';
import { Panel } from '../../../design/page.tsx';
import { ModelField } from '../../models/model-field.tsx';
import type { OptionFields } from './draft.ts';
import type { NewJob } from './use-new-job.ts';

const NUMBER_FIELDS: readonly {
  name: keyof OptionFields;
  label: string;
  min: number;
  max: number;
  step: number;
  hint: string;
}[] = [
  {
    name: 'max_tokens',
    label: 'Max tokens',
    min: 1,
    max: GENERATION_LIMITS.maxTokensMax,
    step: 1,
    hint: `1 to ${formatCount(GENERATION_LIMITS.maxTokensMax)}`,
  },
  {
    name: 'temperature',
    label: 'Temperature',
    min: 0,
    max: GENERATION_LIMITS.temperatureMax,
    step: 0.1,
    hint: `0 to ${GENERATION_LIMITS.temperatureMax}`,
  },
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
        <ModelField value={fields.model} error={fieldErrors.model} onChange={(model) => setField('model', model)} />
        <Field label="System prompt" hint="Optional. Sent before every prompt" error={fieldErrors.system_prompt}>
          {(control) => (
            <textarea
              {...control}
              dir="auto"
              rows={3}
              value={fields.system_prompt}
              onChange={(event) => setField('system_prompt', event.target.value)}
              className="field resize-y"
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-4">
          {NUMBER_FIELDS.map(({ name, label, min, max, step, hint }) => (
            <Field key={name} label={label} hint={hint} error={fieldErrors[name]}>
              {(control) => (
                <input
                  {...control}
                  type="number"
                  inputMode={step < 1 ? 'decimal' : 'numeric'}
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
