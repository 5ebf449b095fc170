import { ChevronDown, X } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { ModelsPolling } from '../../../api/models-polling.tsx';
import { useModels } from '../../../api/models-store.ts';
import { IconButton } from '../../../design/button.tsx';
import { Modal } from '../../../design/modal.tsx';
import { Popover } from '../../../design/popover.tsx';
import { StatusMark } from '../../../design/status-icon.tsx';
import { useMediaQuery } from '../../../design/use-media-query.ts';
import { findModel } from '../../models/find-model.ts';
import { stateWords } from '../../models/model-labels.ts';
import { useChatSettings } from '../../settings/chat-settings-store.ts';
import { useModel } from '../use-model.ts';

const importListbox = () => import('./model-listbox.tsx');
const ModelListbox = lazy(importListbox);

/** So that it is there by the time it is asked for; a failure shows then. */
const preload = () => void importListbox().catch(() => {});

const LABEL = 'Choose a model';

/** The model that the next question goes to, how it does, and a way to another. */
export function ModelPicker() {
  const [model, setModel] = useModel();
  const { list } = useModels();
  const own = useChatSettings(({ settings }) => settings.model ?? null);
  const [isOpen, setOpen] = useState(false);
  const isSheet = useMediaQuery('(max-width: 639px)');
  const button = useRef<HTMLButtonElement>(null);

  const byDefault = own ?? list?.default_model ?? null;
  const name = model ?? (byDefault === null ? 'Default model' : `${byDefault} · default`);
  const health = findModel(list, model ?? byDefault)?.health;
  /** Nobody else would notice that it is back. */
  const isAway = health?.retry_after_s != null;
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (chosen: string | null) => {
    setModel(chosen);
    close();
  };
  const listbox = (
    <Suspense>
      <ModelListbox chosen={model} byDefault={byDefault} onChoose={choose} onClose={close} isTyping={!isSheet} />
    </Suspense>
  );

  return (
    <div className="relative min-w-0">
      <button
        ref={button}
        type="button"
        aria-label={`Model: ${name}${health ? `, ${stateWords(health).toLowerCase()}` : ''}`}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        onPointerEnter={preload}
        onFocus={preload}
        className="target flex max-w-full items-center gap-2 rounded-sm px-2 text-sm text-text-2 transition hover:bg-surface-2 hover:text-text"
      >
        <StatusMark status={health?.state ?? 'unknown'} />
        <span className="max-w-72 min-w-0 truncate">{name}</span>
        <ChevronDown aria-hidden size={14} className="shrink-0 text-text-3" />
      </button>
      {(isOpen || isAway) && <ModelsPolling />}
      {isOpen && !isSheet && (
        <Popover label={LABEL} opener={button} onClose={() => setOpen(false)} className="w-124 max-w-[calc(100vw-6rem)]">
          {listbox}
        </Popover>
      )}
      {isOpen && isSheet && (
        <Modal
          label={LABEL}
          onClose={close}
          className="mx-0 mt-auto mb-0 h-[80dvh] max-h-none w-full max-w-none animate-[rise-in_200ms] rounded-t-lg border-t border-border"
        >
          <div className="flex h-full flex-col">
            <div className="flex h-12 shrink-0 items-center justify-between pr-2 pl-4">
              <span className="font-semibold">{LABEL}</span>
              <IconButton label="Close" onClick={close}>
                <X aria-hidden size={18} />
              </IconButton>
            </div>
            {listbox}
          </div>
        </Modal>
      )}
    </div>
  );
}
