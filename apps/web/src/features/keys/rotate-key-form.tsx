import { type ApiKey, AppError } from '@prodigon/contracts';
import { type FormEvent, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { DialogTitle } from '../../design/dialog.tsx';
import { Field } from '../../design/form-controls.tsx';
import { OVERLAPS } from './key-fields.ts';

const OVERLAP_DEFAULT_S = 3_600;

interface RotateKeyFormProps {
  apiKey: ApiKey;
  /** Rejects with an `AppError` if the value stays. */
  onRotate: (overlapSeconds: number) => Promise<void>;
  onClose: () => void;
}

/** Asks how long the previous value remains valid. */
export function RotateKeyForm({ apiKey, onRotate, onClose }: RotateKeyFormProps) {
  const [overlap, setOverlap] = useState(OVERLAP_DEFAULT_S);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await onRotate(overlap);
    } catch (thrown) {
      setFailure(AppError.from(thrown).message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <DialogTitle>Rotate {apiKey.name}?</DialogTitle>
      <p className="mt-2 mb-4 text-text-2">The key gets a new value. Name, limits, budget and usage stay.</p>
      <Field label="Previous value remains valid for">
        {(control) => (
          <select {...control} value={overlap} onChange={(event) => setOverlap(Number(event.target.value))} className="field">
            {OVERLAPS.map(({ seconds, label }) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      {failure !== null && (
        <p role="alert" className="mt-3 text-sm text-bad">
          {failure}
        </p>
      )}
      <div className="mt-6 flex justify-end gap-2">
        <Button variant="quiet" onClick={onClose}>
          Back
        </Button>
        <Button type="submit" variant="primary" disabled={isBusy}>
          Rotate key
        </Button>
      </div>
    </form>
  );
}
