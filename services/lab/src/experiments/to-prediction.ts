import { AppError } from '@prodigon/contracts';
import type { CreatePrediction, Prediction, PredictionForm } from '@prodigon/contracts/workshop';

/** Returns the prediction with the label and the range of its form. Throws a `VALIDATION_ERROR` if it does not fit the form. */
export function toPrediction(
  form: PredictionForm,
  { choice, value, reason }: CreatePrediction,
): Omit<Prediction, 'id' | 'created_at'> {
  if (form.type === 'choice') {
    const option = form.options.find(({ id }) => id === choice);
    if (!option) throw invalid('choice', `Must be one of ${form.options.map(({ id }) => id).join(', ')}`);
    return { label: option.label, choice: option.id, value: null, range: option.range, reason };
  }
  const { min, max, tolerance } = form;
  if (value === undefined || value === null || value < min || value > max)
    throw invalid('value', `Must be a number from ${min} to ${max}`);
  const range = { from: value * (1 - tolerance), to: value * (1 + tolerance) };
  return { label: `${value} times`, choice: null, value, range, reason };
}

const invalid = (path: string, message: string) => new AppError('VALIDATION_ERROR', undefined, { details: [{ path, message }] });
