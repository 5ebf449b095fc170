import { RefreshCw, Shuffle } from 'lucide-react';
import { useRef, useState } from 'react';
import { useCachedModels } from '../../api/models-query.ts';
import { IconButton } from '../../design/button.tsx';
import { ModelListbox, preloadModelListbox } from './model-picker/lazy-model-listbox.ts';

interface RegenerateButtonsProps {
  /** The model of the conversation; null for the default model. */
  model: string | null;
  /** Undefined for the model of the conversation. */
  onRegenerate: (model?: string) => void;
}

/** Repeats the question with the selected model, or once with another one. */
export function RegenerateButtons({ model, onRegenerate }: RegenerateButtonsProps) {
  const defaultModel = useCachedModels()?.default_model ?? null;
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton label="Regenerate response" onClick={() => onRegenerate()}>
        <RefreshCw aria-hidden size={16} />
      </IconButton>
      <IconButton
        ref={button}
        label="Regenerate with another model"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onPointerEnter={preloadModelListbox}
        onFocus={preloadModelListbox}
        onClick={() => setOpen(!isOpen)}
      >
        <Shuffle aria-hidden size={16} />
      </IconButton>
      {isOpen && (
        <ModelListbox
          opener={button}
          selected={model}
          defaultModel={defaultModel}
          onSelect={(selected) => {
            setOpen(false);
            onRegenerate(selected ?? defaultModel ?? undefined);
          }}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
          onLeave={() => setOpen(false)}
        />
      )}
    </>
  );
}
