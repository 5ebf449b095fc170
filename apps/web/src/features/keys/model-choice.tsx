import { useState } from 'react';
import { useModels } from '../../api/models-query.ts';
import { Button } from '../../design/button.tsx';
import { Field } from '../../design/form-controls.tsx';

interface ModelChoiceProps {
  /** Null for all models. */
  models: readonly string[] | null;
  error: string | undefined;
  onChange: (models: readonly string[] | null) => void;
}

/** All models, or a selection of them. */
export function ModelChoice({ models, error, onChange }: ModelChoiceProps) {
  const { list } = useModels();
  const listed = list?.models.map(({ id }) => id) ?? [];
  // Aliases and ids that the list does not know stay in the list while the form is open.
  const [others, setOthers] = useState<readonly string[]>(models ?? []);
  const names = [...new Set([...listed, ...others])];
  const toggle = (name: string, isSelected: boolean) =>
    onChange(isSelected ? [...(models ?? []), name] : (models ?? []).filter((each) => each !== name));
  const add = (name: string) => {
    setOthers([...others, name]);
    if (!models?.includes(name)) toggle(name, true);
  };
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">Allowed models</legend>
      <div className="flex flex-wrap gap-x-6">
        {[
          { label: 'All models', value: null },
          { label: 'Only selected models', value: models ?? [] },
        ].map(({ label, value }) => (
          <label key={label} className="target inline-flex items-center gap-2">
            <input
              type="radio"
              name="allowed-models"
              checked={(models === null) === (value === null)}
              onChange={() => onChange(value)}
              className="size-4 accent-accent-fill"
            />
            {label}
          </label>
        ))}
      </div>
      {models !== null && (
        <div className="mt-1 flex flex-col gap-3">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it. */}
          <ul tabIndex={0} aria-label="Models" className="max-h-44 overflow-y-auto rounded-sm border border-control px-3 py-1">
            {names.map((name) => (
              <li key={name}>
                <label className="target flex items-center gap-2 wrap-anywhere">
                  <input
                    type="checkbox"
                    checked={models.includes(name)}
                    onChange={(event) => toggle(name, event.target.checked)}
                    className="size-4 shrink-0 accent-accent-fill"
                  />
                  {name}
                </label>
              </li>
            ))}
            {names.length === 0 && <li className="py-1 text-text-2">No models listed</li>}
          </ul>
          <OtherModel onAdd={add} />
        </div>
      )}
      {error !== undefined && (
        <p role="alert" className="mt-1 text-sm text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** Adds an alias, or an id that no provider lists. */
function OtherModel({ onAdd }: { onAdd: (name: string) => void }) {
  const [text, setText] = useState('');
  const add = () => {
    if (text.trim() === '') return;
    onAdd(text.trim());
    setText('');
  };
  return (
    <Field label="Other model or alias">
      {(control) => (
        <div className="flex gap-2">
          <input
            {...control}
            value={text}
            maxLength={256}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
              // Enter would submit the form around it.
              event.preventDefault();
              add();
            }}
            className="field min-w-0 flex-1"
          />
          <Button onClick={add}>Add</Button>
        </div>
      )}
    </Field>
  );
}
