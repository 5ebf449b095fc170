import { ChevronDown } from 'lucide-react';
import { useRef, useState } from 'react';
import { useModels } from '../../api/models-query.ts';
import { Field } from '../../design/form-controls.tsx';
import { StatusIcon } from '../../design/icons.tsx';
import { ModelListbox, preloadModelListbox } from '../chat/model-picker/lazy-model-listbox.ts';
import { findModel } from './model-labels.ts';

interface ModelPickerFieldProps {
  label?: string;
  /** The model string; empty for the default model. */
  value: string;
  error: string | undefined;
  onChange: (model: string) => void;
}

/** A form field with the model picker of the chat. */
export function ModelPickerField({ label = 'Model', value, error, onChange }: ModelPickerFieldProps) {
  const { list, failure } = useModels();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const defaultModel = list?.default_model ?? null;
  const name = value || (defaultModel === null ? 'Default model' : `${defaultModel} · default`);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <Field label={label} hint={failure ?? undefined} error={error}>
      {(control) => (
        <>
          <button
            {...control}
            ref={button}
            type="button"
            aria-label={`${label}: ${name}`}
            aria-haspopup="dialog"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            onPointerEnter={preloadModelListbox}
            onFocus={preloadModelListbox}
            className="field flex items-center gap-2 text-left"
          >
            <StatusIcon status={findModel(list, value || null)?.health.state ?? 'unknown'} />
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <ChevronDown aria-hidden size={14} className="shrink-0 text-text-3" />
          </button>
          {isOpen && (
            <ModelListbox
              opener={button}
              selected={value || null}
              defaultModel={defaultModel}
              onSelect={(selected) => {
                onChange(selected ?? '');
                close();
              }}
              onClose={close}
              onLeave={() => setOpen(false)}
            />
          )}
        </>
      )}
    </Field>
  );
}
