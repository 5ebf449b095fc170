import { ChevronDown } from 'lucide-react';
import { useRef, useState } from 'react';
import { useModels } from '../../../api/models-query.ts';
import { StatusIcon } from '../../../design/icons.tsx';
import { findModel, healthLabel } from '../../models/model-labels.ts';
import { ModelListbox, preloadModelListbox } from './lazy-model-listbox.ts';

interface ModelPickerProps {
  /** The selected model string; null for the default model. */
  model: string | null;
  /** The default model of this browser; null for that of the platform. */
  ownDefault?: string | null;
  onSelect: (model: string | null) => void;
}

/** The button that shows the model for the next question and its health, and opens the list of models. */
export function ModelPicker({ model, ownDefault = null, onSelect }: ModelPickerProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  // A model that cannot be called now is polled even while the picker is closed, so that its recovery shows.
  const { list } = useModels((list) => {
    const health = findModel(list, model ?? ownDefault)?.health;
    return isOpen || health?.retry_after_s != null;
  });

  const defaultModel = ownDefault ?? list?.default_model ?? null;
  const name = model ?? (defaultModel === null ? 'Default model' : `${defaultModel} · default`);
  const health = findModel(list, model ?? defaultModel)?.health;
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  return (
    <div className="relative min-w-0">
      <button
        ref={button}
        type="button"
        aria-label={`Model: ${name}${health ? `, ${healthLabel(health).toLowerCase()}` : ''}`}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        onPointerEnter={preloadModelListbox}
        onFocus={preloadModelListbox}
        className="target flex max-w-full items-center gap-2 rounded-sm px-2 text-sm text-text-2 transition hover:bg-surface-2 hover:text-text"
      >
        <StatusIcon status={health?.state ?? 'unknown'} />
        <span className="max-w-72 min-w-0 truncate">{name}</span>
        <ChevronDown aria-hidden size={14} className="shrink-0 text-text-3" />
      </button>
      {isOpen && (
        <ModelListbox
          opener={button}
          selected={model}
          defaultModel={defaultModel}
          onSelect={(selected) => {
            onSelect(selected);
            close();
          }}
          onClose={close}
          onLeave={() => setOpen(false)}
        />
      )}
    </div>
  );
}
