import { Field } from '../../design/form-controls.tsx';
import { NOT_A_NUMBER } from '../../design/optional-number.ts';

interface NumberFieldProps {
  label: string;
  value: string;
  /** What applies while the field is empty. */
  placeholder: string;
  error: string | undefined;
  isAmount: boolean;
  onChange: (value: string) => void;
}

/** An optional positive number: an amount of dollars, or a count. */
export function NumberField({ label, value, placeholder, error, isAmount, onChange }: NumberFieldProps) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <input
          {...control}
          type="number"
          inputMode={isAmount ? 'decimal' : 'numeric'}
          min={isAmount ? 0 : 1}
          step={isAmount ? 'any' : 1}
          value={value === NOT_A_NUMBER ? '' : value}
          placeholder={placeholder}
          // `onChange` does not fire for input that is not a number in an empty field.
          onInput={({ currentTarget: { validity, value } }) => onChange(validity.badInput ? NOT_A_NUMBER : value)}
          className="field tabular"
        />
      )}
    </Field>
  );
}
