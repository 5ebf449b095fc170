import type { Model, RetiredModel } from '@prodigon/contracts';
import { Check } from 'lucide-react';
import { classes } from '../../../design/classes.ts';
import { contextWords, priceWords, retirementWords } from '../../models/model-labels.ts';
import { ModelState } from '../../models/model-state.tsx';
import type { PickerEntry } from './model-options.ts';

interface ModelOptionProps {
  id: string;
  entry: PickerEntry;
  byDefault: string | null;
  retired: readonly RetiredModel[];
  now: number;
  isChosen: boolean;
  /** What Enter would choose. */
  isActive: boolean;
  onActive: () => void;
  onChoose: () => void;
}

export function ModelOption({ id, entry, byDefault, retired, now, isChosen, isActive, onActive, onChoose }: ModelOptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are pressed in the filter, which has the focus.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      data-active={isActive || undefined}
      onPointerMove={isActive ? undefined : onActive}
      // The focus stays in the filter.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
      className={classes(
        'flex cursor-pointer gap-3 rounded-sm px-3 py-2 text-sm',
        isActive && 'bg-surface-2 outline-2 -outline-offset-2 outline-control',
      )}
    >
      <div className="min-w-0 flex-1">
        <EntryWords entry={entry} byDefault={byDefault} retired={retired} now={now} />
      </div>
      <Check aria-hidden size={16} className={classes('mt-0.5 shrink-0 text-accent', !isChosen && 'invisible')} />
    </div>
  );
}

function EntryWords({ entry, byDefault, retired, now }: Pick<ModelOptionProps, 'entry' | 'byDefault' | 'retired' | 'now'>) {
  switch (entry.type) {
    case 'default':
      return (
        <>
          <p className="font-medium text-text">Default</p>
          <p className="text-text-2 wrap-anywhere">{byDefault ?? 'Whichever the platform has'}</p>
        </>
      );
    case 'other':
      return (
        <>
          <p className="font-mono font-medium text-text wrap-anywhere">{entry.value}</p>
          <p className="text-text-2">As it stands: no provider lists it under this name</p>
        </>
      );
    case 'model':
      return <ModelWords model={entry.model} retired={retired} now={now} />;
  }
}

function ModelWords({ model, retired, now }: { model: Model; retired: readonly RetiredModel[]; now: number }) {
  const retirement = retirementWords(model, retired);
  const facts = [priceWords(model), contextWords(model)].filter((fact) => fact !== null);
  return (
    <>
      <p className="text-base font-medium text-text wrap-anywhere">{model.id}</p>
      {model.description && <p className="text-text-2">{model.description}</p>}
      <p className="mt-0.5 text-text-3">
        <ModelState health={model.health} now={now} />
      </p>
      <p className="tabular text-text-3">{facts.join(' · ')}</p>
      {retirement && <p className="font-medium text-warn">{retirement}</p>}
    </>
  );
}
