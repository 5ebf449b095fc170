import type { CreateLabRun, Lab } from '@prodigon/contracts/workshop';
import { Play } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { Field } from '../../design/form-controls.tsx';
import { formatDuration } from '../../design/format.ts';
import { Notice } from '../../design/notice.tsx';
import { Panel } from '../../design/page.tsx';
import { focusPart } from './focus-part.ts';
import { useStartRun } from './lab-queries.ts';

/** The contract's limit. */
const SEED_MAX = 2_147_483_647;

/** Starts a run of the experiment, once there is a prediction. */
export function RunForm({ lab }: { lab: Lab }) {
  const start = useStartRun(lab);
  const [workload, setWorkload] = useState(lab.workloads[0]?.id ?? '');
  const [isQuick, setQuick] = useState(false);
  const [seed, setSeed] = useState('');
  const isSeedValid = seed === '' || (/^\d{1,10}$/.test(seed) && Number(seed) <= SEED_MAX);
  const seconds = isQuick ? lab.seconds.quick : lab.seconds.full;
  const description = lab.workloads.find(({ id }) => id === workload)?.description;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isSeedValid || !lab.prediction || start.isPending) return;
    const options: CreateLabRun = { workload, quick: isQuick, seed: seed === '' ? null : Number(seed) };
    start.mutate(options, { onSuccess: () => focusPart('progress') });
  };
  return (
    <Panel
      title="Run the experiment"
      aside={<span className="tabular text-sm text-text-2">about {formatDuration(seconds)}</span>}
    >
      <form onSubmit={submit} className="flex flex-col gap-4 p-5">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <Field label="Workload" hint={description}>
            {(control) => (
              <select {...control} value={workload} onChange={(event) => setWorkload(event.target.value)} className="field">
                {lab.workloads.map(({ id, label }) => (
                  <option key={id} value={id}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field
            label="Seed"
            hint="Repeats the order of the arms"
            error={isSeedValid ? undefined : `A whole number up to ${SEED_MAX}`}
          >
            {(control) => (
              <input
                {...control}
                inputMode="numeric"
                placeholder="Random"
                value={seed}
                onChange={(event) => setSeed(event.target.value.trim())}
                className="field"
              />
            )}
          </Field>
        </div>
        <label className="target flex items-center gap-3 self-start">
          <input
            type="checkbox"
            checked={isQuick}
            onChange={(event) => setQuick(event.target.checked)}
            className="size-4 accent-accent-fill"
          />
          Quick: fewer and shorter blocks, and more inconclusive results
        </label>
        {start.error && (
          <Notice severity="bad" title="Could not start the experiment">
            {start.error.message}
          </Notice>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" disabled={!lab.prediction}>
            <Play aria-hidden size={16} /> Run
          </Button>
          {!lab.prediction && <span className="text-sm text-text-2">Predict before you run the experiment.</span>}
        </div>
      </form>
    </Panel>
  );
}
