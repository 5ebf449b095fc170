import { GENERATION_LIMITS } from '@prodigon/contracts';
import { Button } from '../../design/button.tsx';
import { Field } from '../../design/field.tsx';
import { formatCount } from '../../design/format.ts';
import { Panel } from '../../design/panel.tsx';
import { ModelField } from '../models/model-field.tsx';
import { useSettingsForm } from './use-settings-form.ts';

/** What goes with every question of the chat. */
export function DefaultsPanel() {
  const { fields, change, reset, errors, isValid, wasChanged, limits, outputTokensMax } = useSettingsForm();
  const { max_tokens, temperature } = limits;
  const isCapped = outputTokensMax !== null && outputTokensMax < max_tokens.maximum;
  return (
    <Panel
      title="Defaults of the chat"
      aside={
        <Button look="quiet" onClick={reset}>
          Back to the defaults
        </Button>
      }
    >
      <div className="grid gap-4 p-5 lg:grid-cols-2">
        <div className="flex flex-col gap-4">
          <ModelField
            label="Model for new questions"
            value={fields.model}
            error={errors.model}
            onChange={(model) => change({ model })}
          />
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label="Longest answer"
              hint={`Tokens, ${formatCount(max_tokens.minimum)} to ${formatCount(max_tokens.maximum)}${isCapped ? `; this model writes ${formatCount(outputTokensMax)} at most` : ''}`}
              error={errors.max_tokens}
            >
              {(control) => (
                <input
                  {...control}
                  type="number"
                  inputMode="numeric"
                  min={max_tokens.minimum}
                  max={max_tokens.maximum}
                  step={1}
                  value={fields.max_tokens}
                  onChange={(event) => change({ max_tokens: event.target.value })}
                  className="field tabular"
                />
              )}
            </Field>
            <Field
              label="Temperature"
              hint={`${temperature.minimum} to ${temperature.maximum}; the API’s default is ${temperature.default}`}
              error={errors.temperature}
            >
              {(control) => (
                <input
                  {...control}
                  type="number"
                  inputMode="decimal"
                  min={temperature.minimum}
                  max={temperature.maximum}
                  step={0.1}
                  value={fields.temperature}
                  onChange={(event) => change({ temperature: event.target.value })}
                  className="field tabular"
                />
              )}
            </Field>
          </div>
        </div>
        <Field
          label="System prompt"
          hint={`Goes before every conversation. Optional, up to ${formatCount(GENERATION_LIMITS.promptCharactersMax)} characters`}
          error={errors.system_prompt}
        >
          {(control) => (
            <textarea
              {...control}
              dir="auto"
              rows={5}
              value={fields.system_prompt}
              onChange={(event) => change({ system_prompt: event.target.value })}
              className="field resize-y"
            />
          )}
        </Field>
      </div>
      <p role="status" className="border-t border-border px-5 py-3 text-sm text-text-2">
        {isValid && wasChanged && 'Saved on this browser. '}
        {isValid
          ? 'The next question is asked with this.'
          : 'Not saved: what is marked does not fit. The last settings that did still hold.'}
      </p>
    </Panel>
  );
}
