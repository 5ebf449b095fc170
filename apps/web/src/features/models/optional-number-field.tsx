import { RotateCcw } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { IconButton } from '../../design/button.tsx';
import { Field } from '../../design/form-controls.tsx';
import { NOT_A_NUMBER } from '../../design/optional-number.ts';
import { MODEL_DEFAULT } from './model-labels.ts';

interface OptionalNumberFieldProps {
  label: string;
  hint: ReactNode;
  error: string | undefined;
  /** Empty for the model's default. */
  value: string;
  min: number;
  max: number;
  step: number;
  onChange: (value: string) => void;
}

/** A number field with a button that empties it. While it is empty, the model's default applies. */
export function OptionalNumberField({ label, hint, error, value, onChange, step, ...range }: OptionalNumberFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const reset = () => {
    onChange('');
    if (!input.current) return;
    // React keeps the text of the browser while it is not a number.
    input.current.value = '';
    input.current.focus();
  };
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <div className="flex gap-1">
          <input
            {...control}
            {...range}
            ref={input}
            type="number"
            inputMode={step < 1 ? 'decimal' : 'numeric'}
            step={step}
            value={value === NOT_A_NUMBER ? '' : value}
            placeholder={MODEL_DEFAULT}
            // `onChange` does not fire for input that is not a number in an empty field.
            onInput={({ currentTarget: { validity, value } }) => onChange(validity.badInput ? NOT_A_NUMBER : value)}
            className="field tabular min-w-0 flex-1"
          />
          {value !== '' && (
            <IconButton label={`Reset ${label.toLowerCase()} to the model default`} onClick={reset}>
              <RotateCcw aria-hidden size={16} />
            </IconButton>
          )}
        </div>
      )}
    </Field>
  );
}
