import type { CreatePrediction, Lab, Prediction, PredictionForm as PredictionFormData } from '@prodigon/contracts/workshop';
import { Lock } from 'lucide-react';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { Field } from '../../design/form-controls.tsx';
import { formatTimestamp } from '../../design/format.ts';
import { Notice } from '../../design/notice.tsx';
import { Panel } from '../../design/page.tsx';
import { focusPart } from './focus-part.ts';
import { usePredict } from './lab-queries.ts';
import { formatRatio } from './verdict-scale.ts';

/** The contract's limit. Importing it would download all schemas with this part. */
const REASON_CHARACTERS_MAX = 500;

interface PredictionPanelProps {
  lab: Lab;
  /** Whether an experiment runs, during which its prediction cannot change. */
  isLocked: boolean;
}

/** Asks for a prediction, and shows it once it is stored. */
export function PredictionPanel({ lab, isLocked }: PredictionPanelProps) {
  const [isChanging, setChanging] = useState(false);
  const { prediction } = lab;
  const change = () => {
    setChanging(true);
    focusPart('predict');
  };
  const store = () => {
    setChanging(false);
    focusPart('run');
  };
  if (prediction && !(isChanging && !isLocked)) {
    return (
      <PredictionCard
        prediction={prediction}
        aside={isLocked ? <LockedLabel /> : <Button onClick={change}>Predict again</Button>}
      />
    );
  }
  return (
    <Panel title="Predict" aside={<span className="text-sm text-text-2">Stored before the first request</span>}>
      <PredictionForm lab={lab} onStored={store} />
    </Panel>
  );
}

function LockedLabel() {
  return (
    <span className="inline-flex items-center gap-1.5 text-sm text-text-2">
      <Lock aria-hidden size={14} /> Locked before the first request
    </span>
  );
}

/** A stored prediction with its reason. */
export function PredictionCard({ prediction, aside = <LockedLabel /> }: { prediction: Prediction; aside?: ReactNode }) {
  return (
    <section
      aria-label="Your prediction"
      className="flex flex-wrap items-start justify-between gap-4 rounded-md border border-border px-5 py-4"
    >
      <div className="min-w-48 flex-1">
        <p className="tabular text-sm text-text-3">You predicted on {formatTimestamp(prediction.created_at)}</p>
        <p className="wrap-anywhere">
          <span className="font-semibold">{prediction.label}</span>{' '}
          <q dir="auto" className="text-text-2">
            {prediction.reason}
          </q>
        </p>
      </div>
      {aside}
    </section>
  );
}

function PredictionForm({ lab, onStored }: { lab: Lab; onStored: () => void }) {
  const form = lab.prediction_form;
  const predict = usePredict(lab);
  const [choice, setChoice] = useState<string | null>(null);
  const [value, setValue] = useState(form.type === 'slider' ? nearestToOne(form) : null);
  const [reason, setReason] = useState('');
  const [isIncomplete, setIncomplete] = useState(false);
  const isChosen = form.type === 'slider' || choice !== null;
  const hasReason = reason.trim() !== '';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIncomplete(!isChosen || !hasReason);
    // A disabled button would lose the focus.
    if (!isChosen || !hasReason || predict.isPending) return;
    const prediction: CreatePrediction = form.type === 'slider' ? { value, reason } : { choice, reason };
    predict.mutate(prediction, { onSuccess: onStored });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-5">
      {form.type === 'choice' ? (
        <ChoiceField form={form} value={choice} onChange={setChoice} error={isIncomplete && !isChosen} />
      ) : (
        <SliderField form={form} value={value ?? 1} onChange={setValue} />
      )}
      <Field
        label="Why?"
        hint="One sentence. A reason helps you learn from the result."
        error={isIncomplete && !hasReason ? 'Give a reason' : undefined}
      >
        {(control) => (
          <textarea
            {...control}
            dir="auto"
            rows={2}
            maxLength={REASON_CHARACTERS_MAX}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            className="field"
          />
        )}
      </Field>
      {predict.error && (
        <Notice severity="bad" title="Could not store the prediction">
          {predict.error.message}
        </Notice>
      )}
      <div>
        <Button type="submit" variant="primary">
          Commit the prediction
        </Button>
      </div>
    </form>
  );
}

type ChoiceForm = Extract<PredictionFormData, { type: 'choice' }>;
type SliderForm = Extract<PredictionFormData, { type: 'slider' }>;

interface ChoiceFieldProps {
  form: ChoiceForm;
  value: string | null;
  onChange: (value: string) => void;
  error: boolean;
}

function ChoiceField({ form, value, onChange, error }: ChoiceFieldProps) {
  const name = useId();
  return (
    <fieldset aria-describedby={error ? `${name}-error` : undefined} className="flex flex-col gap-2">
      <legend className="mb-2 font-medium">{form.question}</legend>
      {form.options.map(({ id, label }) => (
        <label
          key={id}
          className="flex min-h-11 cursor-pointer items-center gap-3 rounded-sm border border-control px-3 py-2 hover:bg-surface has-checked:border-accent has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name={name}
            value={id}
            checked={id === value}
            onChange={() => onChange(id)}
            className="size-4 accent-accent-fill"
          />
          {label}
        </label>
      ))}
      {error && (
        <p id={`${name}-error`} className="text-sm text-bad">
          Choose an option
        </p>
      )}
    </fieldset>
  );
}

interface SliderFieldProps {
  form: SliderForm;
  value: number;
  onChange: (value: number) => void;
}

function SliderField({ form, value, onChange }: SliderFieldProps) {
  const tolerance = Math.round(form.tolerance * 100);
  return (
    <Field label={form.question} hint={`Counts as correct within ±${tolerance} %`}>
      {(control) => (
        <div className="flex items-center gap-4">
          <input
            {...control}
            type="range"
            min={form.min}
            max={form.max}
            step={form.step}
            value={value}
            aria-valuetext={formatRatio(value)}
            onChange={(event) => onChange(Number(event.target.value))}
            className="target min-w-0 flex-1 accent-accent-fill"
          />
          <output className="tabular w-16 text-end text-lg font-semibold">{formatRatio(value)}</output>
        </div>
      )}
    </Field>
  );
}

function nearestToOne({ min, max }: SliderForm): number {
  return Math.min(max, Math.max(min, 1));
}
