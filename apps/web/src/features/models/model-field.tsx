import { useState } from 'react';
import { useModels } from '../../api/models-query.ts';
import { Field } from '../../design/form-controls.tsx';

interface ModelFieldProps {
  label?: string;
  value: string;
  error: string | undefined;
  onChange: (model: string) => void;
}

const OTHER = '\u0000other';

/** Selects a listed model or any model string: simulated models take parameters, and some providers accept unlisted ids. */
export function ModelField({ label = 'Model', value, error, onChange }: ModelFieldProps) {
  const { list, failure } = useModels();
  const models = list?.models.filter(({ kind }) => kind === 'chat') ?? [];
  const isListed = value === '' || models.some(({ id }) => id === value);
  const [isOtherSelected, setOtherSelected] = useState(false);
  const isOther = isOtherSelected || (list !== null && !isListed);
  return (
    <div className="flex flex-col gap-2">
      <Field label={label} hint={failure ?? undefined} error={isOther ? undefined : error}>
        {(control) => (
          <select
            {...control}
            value={isOther ? OTHER : value}
            onChange={(event) => {
              setOtherSelected(event.target.value === OTHER);
              if (event.target.value !== OTHER) onChange(event.target.value);
            }}
            className="field"
          >
            <option value="">{list?.default_model ? `${list.default_model} · default` : 'Default model'}</option>
            {!isListed && !isOther && <option value={value}>{value}</option>}
            {[...Map.groupBy(models, ({ provider }) => provider)].map(([provider, members]) => (
              <optgroup key={provider} label={provider}>
                {members.map(({ id, offline }) => (
                  <option key={id} value={id}>
                    {offline ? `${id} · offline` : id}
                  </option>
                ))}
              </optgroup>
            ))}
            <option value={OTHER}>Other model…</option>
          </select>
        )}
      </Field>
      {isOther && (
        <Field label="Model string" hint="For example prodigon-sim?ttft_ms=300&tokens=40" error={error}>
          {(control) => (
            <input
              {...control}
              value={value}
              maxLength={256}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => onChange(event.target.value)}
              className="field font-mono text-sm"
            />
          )}
        </Field>
      )}
    </div>
  );
}
