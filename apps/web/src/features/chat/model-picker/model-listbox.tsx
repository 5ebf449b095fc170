import { Search, Settings } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useModelsStore } from '../../../api/models-store.ts';
import { formatCountOf } from '../../../design/format.ts';
import { useNow } from '../../../design/use-now.ts';
import { ListProblems } from '../../models/list-problems.tsx';
import { ModelOption } from './model-option.tsx';
import { type PickerEntry, pickerGroupsOf } from './model-options.ts';

interface ModelListboxProps {
  /** The model string that is chosen now; null for the default. */
  chosen: string | null;
  /** What the default is; null when nobody knows. */
  byDefault: string | null;
  onChoose: (model: string | null) => void;
  onClose: () => void;
  /** The filter has the focus from the start: not on a touch screen, where that opens the keyboard. */
  isTyping: boolean;
}

/** A filter over a list of models that is kept fresh. The focus stays in the filter; the active option follows the keys. */
export default function ModelListbox({ chosen, byDefault, onChoose, onClose, isTyping }: ModelListboxProps) {
  const { list, failure } = useModelsStore();
  const now = useNow();
  const id = useId();
  const filter = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [activeKey, setActiveKey] = useState<string | null>(null);

  const groups = pickerGroupsOf(list, typed, chosen);
  const entries = groups.flatMap((group) => group.entries);
  const initial = typed === '' ? entries.find(({ value }) => value === chosen) : undefined;
  const active = entries.find(({ key }) => key === activeKey) ?? initial ?? entries[0];
  const place = active ? entries.indexOf(active) : -1;
  const optionId = (entry: PickerEntry) => `${id}-${entries.indexOf(entry)}`;
  const activeId = active && optionId(active);

  useEffect(() => {
    if (isTyping) filter.current?.focus();
  }, [isTyping]);
  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: entries.length - 1 };
    const step = steps[event.key];
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter') {
      if (active) onChoose(active.value);
    } else if (step !== undefined) setActiveKey(entries[(step + entries.length) % entries.length]?.key ?? null);
    else return;
    event.preventDefault();
    // Escape would also stop the answer, and Enter send the question.
    event.stopPropagation();
  };

  return (
    <>
      <div className="flex flex-col gap-2 border-b border-border p-2">
        <ListProblems problems={list?.problems ?? []} failure={failure} />
        <div className="relative">
          <Search aria-hidden size={16} className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-text-3" />
          <input
            ref={filter}
            role="combobox"
            aria-label="Filter models"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={activeId}
            placeholder="Filter by name, provider or description"
            autoComplete="off"
            spellCheck={false}
            maxLength={256}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setActiveKey(null);
            }}
            onKeyDown={onKeyDown}
            className="field pl-9"
          />
        </div>
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Models" className="min-h-0 flex-1 overflow-y-auto p-1">
        {groups.map(({ label, entries }) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox.
          <div key={label ?? ''} role="group" aria-label={label ?? 'Other choices'}>
            {label && (
              <div role="presentation" className="px-3 pt-3 pb-1 text-xs font-medium text-text-3">
                {label}
              </div>
            )}
            {entries.map((entry) => (
              <ModelOption
                key={entry.key}
                id={optionId(entry)}
                entry={entry}
                byDefault={byDefault}
                retired={list?.retired ?? []}
                now={now}
                isChosen={entry.value === chosen}
                isActive={entry === active}
                onActive={() => setActiveKey(entry.key)}
                onChoose={() => onChoose(entry.value)}
              />
            ))}
          </div>
        ))}
      </div>
      {entries.length === 0 && <p className="px-4 py-6 text-center text-text-2">No model fits.</p>}
      <p role="status" className="sr-only">
        {typed === '' ? '' : formatCountOf(entries.length, 'model')}
      </p>
      <div className="border-t border-border p-2">
        <Link
          href="/settings/models"
          className="target inline-flex items-center gap-2 rounded-sm px-2 text-sm text-text-2 hover:bg-surface-2 hover:text-text"
        >
          <Settings aria-hidden size={16} /> Models and defaults
        </Link>
      </div>
    </>
  );
}
