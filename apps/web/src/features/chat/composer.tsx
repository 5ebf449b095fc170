import { clsx } from 'clsx';
import { ArrowUp, Square } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, type ReactNode, useState } from 'react';
import { formatCountOf } from '../../design/format.ts';
import { lazyPart } from '../../design/lazy-part.tsx';
import { TextArea } from '../../design/text-area.tsx';
import { useChatSettings } from '../settings/chat-settings-store.ts';
import { AttachButton } from './composer/attach-button.tsx';
import { uploadFiles } from './composer/upload-files.ts';
import { isUploadingIn, useUploads } from './composer/uploads.ts';
import { focusComposer, TEXTAREA_ID } from './focus-composer.ts';
import { useModel } from './model-parameter.ts';
import { ModelPicker } from './model-picker/model-picker.tsx';
import { EMPTY_DRAFT } from './state/draft-store.ts';
import { useDrafts } from './state/drafts.ts';
import { isRunningIn, NEW_CONVERSATION, useLiveTurns } from './state/live-turn.ts';
import { sendQuestion, stopResponse } from './state/load-turns.ts';

const DraftAttachments = lazyPart(() => import('./composer/draft-attachments.tsx'));
const TemplateDialog = lazyPart(() => import('./composer/template-dialog.tsx'), { failure: 'overlay' });

/** The API accepts more, but browsers take minutes for a text field with millions of characters. */
const QUESTION_CHARACTERS_MAX = 500_000;
/** Length from which the composer shows the remaining characters. */
const COUNTER_SHOWN_FROM = QUESTION_CHARACTERS_MAX - 500;
/** Safari fires this key after `compositionend`, with `isComposing` already false. */
const COMPOSING_KEY_CODE = 229;

/** The form that sends questions. While a response is running, it queues questions. */
export function Composer({ conversationKey }: { conversationKey: string }) {
  const draft = useDrafts(({ drafts }) => drafts[conversationKey]) ?? EMPTY_DRAFT;
  const isGenerating = useLiveTurns(({ turns }) => isRunningIn(turns, conversationKey));
  const uploads = useUploads(({ uploads }) => uploads[conversationKey]);
  const [isChoosingTemplate, setChoosingTemplate] = useState(false);
  const [isDropTarget, setDropTarget] = useState(false);
  const [model, setModel] = useModel();
  const ownDefault = useChatSettings(({ settings }) => settings.model ?? null);
  const isNew = conversationKey === NEW_CONVERSATION;
  const { text, attachments } = draft;
  const { setText, clear } = useDrafts.getState();

  const isTooLong = text.length > QUESTION_CHARACTERS_MAX;
  const canSend = /\S/.test(text) && !isTooLong && !isUploadingIn(uploads);
  const submit = async () => {
    if (!canSend) return;
    clear(conversationKey);
    const isSent = await sendQuestion(conversationKey, draft, (isNew ? model : null) ?? undefined);
    if (!isSent) useDrafts.getState().addToDraft(conversationKey, draft);
  };
  // The pressed button disappears.
  const stopAndFocus = () => {
    void stopResponse(conversationKey);
    focusComposer();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method is composing, Enter accepts its suggestion.
    if (event.nativeEvent.isComposing || event.keyCode === COMPOSING_KEY_CODE) return;
    if (event.key === '/' && text === '') setChoosingTemplate(true);
    if (event.key !== 'Enter' || event.shiftKey) return;
    // Phones have no Shift for their Enter key, so there it starts a new line.
    const hasModifier = event.ctrlKey || event.metaKey;
    if (matchMedia('(pointer: coarse)').matches && !hasModifier) return;
    event.preventDefault();
    void submit();
  };
  const addFiles = (files: Iterable<File>) => uploadFiles(conversationKey, [...files]);
  const onPaste = (event: ClipboardEvent) => {
    const { files } = event.clipboardData;
    // Office programs add a picture of the text that they copy.
    if (files.length === 0 || event.clipboardData.getData('text/plain') !== '') return;
    event.preventDefault();
    addFiles(files);
  };
  const onDrag = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setDropTarget(event.type === 'dragover');
    if (event.type === 'drop') addFiles(event.dataTransfer.files);
  };

  return (
    <>
      <form
        aria-label="Ask a question"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        onDragOver={onDrag}
        onDragLeave={onDrag}
        onDrop={onDrag}
        className={clsx(
          'relative rounded-lg border border-control bg-bg shadow-xs transition focus-within:border-accent focus-within:ring-1 focus-within:ring-accent',
          isDropTarget && 'border-accent bg-accent-soft',
        )}
      >
        {(attachments.length > 0 || uploads !== undefined) && <DraftAttachments conversationKey={conversationKey} />}
        <TextArea
          id={TEXTAREA_ID}
          rows={1}
          grows
          value={text}
          aria-label="Your question"
          aria-describedby={text.length > COUNTER_SHOWN_FROM ? 'question-length' : undefined}
          placeholder={isGenerating ? 'Type to queue the next question' : 'Ask about system design'}
          onChange={(next) => setText(conversationKey, next)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          className="block max-h-[calc(10lh+1rem)] w-full resize-none bg-transparent px-4 pt-3 pb-1 text-prose outline-none placeholder:text-text-3"
        />
        <div className="flex items-center gap-1 p-2">
          <AttachButton onChoose={addFiles} />
          {isNew && <ModelPicker model={model} ownDefault={ownDefault} onSelect={setModel} />}
          {text.length > COUNTER_SHOWN_FROM && (
            <span id="question-length" role="status" className={isTooLong ? 'text-sm text-bad' : 'tabular text-sm text-text-3'}>
              {isTooLong
                ? `${formatCountOf(text.length - QUESTION_CHARACTERS_MAX, 'character')} too long`
                : `${formatCountOf(QUESTION_CHARACTERS_MAX - text.length, 'character')} left`}
            </span>
          )}
          <div className="ml-auto flex items-center gap-2">
            {isGenerating && (
              <>
                <span className="text-xs text-text-3 max-sm:hidden pointer-coarse:hidden">Esc stops</span>
                <RoundButton label="Stop" variant="secondary" onClick={stopAndFocus}>
                  <Square aria-hidden size={14} fill="currentColor" />
                </RoundButton>
              </>
            )}
            {(!isGenerating || text !== '') && (
              <RoundButton label={isGenerating ? 'Queue' : 'Send'} variant="primary" type="submit" isDisabled={!canSend}>
                <ArrowUp aria-hidden size={18} />
              </RoundButton>
            )}
          </div>
        </div>
      </form>
      {isChoosingTemplate && (
        <TemplateDialog
          onInsert={(template) => setText(conversationKey, template)}
          onClose={() => {
            setChoosingTemplate(false);
            focusComposer();
          }}
        />
      )}
    </>
  );
}

interface RoundButtonProps {
  label: string;
  variant: 'primary' | 'secondary';
  type?: 'button' | 'submit';
  /** Sets `aria-disabled` only, so that the button keeps the focus. */
  isDisabled?: boolean;
  onClick?: () => void;
  children: ReactNode;
}

function RoundButton({ label, variant, type = 'button', isDisabled = false, onClick, children }: RoundButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      aria-disabled={isDisabled}
      onClick={onClick}
      className={clsx(
        'inline-flex size-9 items-center justify-center rounded-full transition pointer-coarse:size-11',
        variant === 'primary' && !isDisabled && 'bg-accent-fill text-white hover:brightness-110',
        variant === 'primary' && isDisabled && 'bg-surface-2 text-text-3',
        variant === 'secondary' && 'border border-control text-text hover:bg-surface-2',
      )}
    >
      {children}
    </button>
  );
}
