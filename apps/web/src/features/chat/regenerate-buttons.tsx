import { RefreshCw, Shuffle } from 'lucide-react';
import { useRef, useState } from 'react';
import { useCachedModels } from '../../api/models-query.ts';
import { IconButton } from '../../design/button.tsx';
import { useChatSettings } from '../settings/chat-settings-store.ts';
import { useModel } from './model-parameter.ts';
import { ModelListbox, preloadModelListbox } from './model-picker/lazy-model-listbox.ts';

interface RegenerateButtonsProps {
  onRegenerate: (model: string | null) => void;
}

/** Repeats the question with the selected model, or once with another one. */
export function RegenerateButtons({ onRegenerate }: RegenerateButtonsProps) {
  const [model] = useModel();
  const ownDefault = useChatSettings(({ settings }) => settings.model ?? null);
  const models = useCachedModels();
  const defaultModel = ownDefault ?? models?.default_model ?? null;
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton label="Regenerate response" onClick={() => onRegenerate(model)}>
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
            onRegenerate(selected);
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
