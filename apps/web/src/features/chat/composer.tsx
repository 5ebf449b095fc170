import { clsx } from 'clsx';
import { ArrowUp, Square } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { formatCountOf } from '../../design/format.ts';
import { TextArea } from '../../design/text-area.tsx';
import { useChat } from './chat-store.ts';
import { isRunning } from './conversation.ts';
import { useModel } from './model-parameter.ts';
import { ModelPicker } from './model-picker/model-picker.tsx';

/** The API accepts more, but browsers take minutes for a text field with millions of characters. */
const QUESTION_CHARACTERS_MAX = 500_000;
/** Length from which the composer shows the remaining characters. */
const COUNTER_SHOWN_FROM = QUESTION_CHARACTERS_MAX - 500;
/** Safari fires this key after `compositionend`, with `isComposing` already false. */
const COMPOSING_KEY_CODE = 229;
const TEXTAREA_ID = 'question';

/** Moves the focus to the composer. On touch screens, where that would open the keyboard, the page gets it instead. */
export function focusComposer(): void {
  const target = matchMedia('(pointer: fine)').matches ? TEXTAREA_ID : 'main';
  document.getElementById(target)?.focus({ preventScroll: true });
}

/** The form that sends questions. While a response is running, it queues questions. */
export function Composer() {
  const draft = useChat((state) => state.draft);
  const { setDraft, send, stop } = useChat.getState();
  const isGenerating = useChat(({ turns }) => turns.some(({ response }) => isRunning(response)));
  const [model] = useModel();

  const isTooLong = draft.length > QUESTION_CHARACTERS_MAX;
  const canSend = /\S/.test(draft) && !isTooLong;
  const submit = () => {
    if (!canSend) return;
    send(draft, model);
    setDraft('');
  };
  // The pressed button disappears.
  const stopAndFocus = () => {
    stop();
    focusComposer();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method is composing, Enter accepts its suggestion.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === COMPOSING_KEY_CODE) return;
    // Phones have no Shift for their Enter key, so there it starts a new line.
    const hasModifier = event.ctrlKey || event.metaKey;
    if (matchMedia('(pointer: coarse)').matches && !hasModifier) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      aria-label="Ask a question"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="relative rounded-lg border border-control bg-bg shadow-xs transition focus-within:border-accent focus-within:ring-1 focus-within:ring-accent"
    >
      <TextArea
        id={TEXTAREA_ID}
        rows={1}
        grows
        value={draft}
        aria-label="Your question"
        aria-describedby={draft.length > COUNTER_SHOWN_FROM ? 'question-length' : undefined}
        placeholder="Ask about system design"
        onChange={setDraft}
        onKeyDown={onKeyDown}
        className="block max-h-[calc(10lh+1rem)] w-full resize-none bg-transparent px-4 pt-3 pb-1 text-prose outline-none placeholder:text-text-3"
      />
      <div className="flex items-center gap-2 p-2">
        <ModelPicker />
        {draft.length > COUNTER_SHOWN_FROM && (
          <span id="question-length" role="status" className={isTooLong ? 'text-sm text-bad' : 'tabular text-sm text-text-3'}>
            {isTooLong
              ? `${formatCountOf(draft.length - QUESTION_CHARACTERS_MAX, 'character')} too long`
              : `${formatCountOf(QUESTION_CHARACTERS_MAX - draft.length, 'character')} left`}
          </span>
        )}
        <div className="ml-auto flex gap-2">
          {isGenerating && (
            <RoundButton label="Stop" variant="secondary" onClick={stopAndFocus}>
              <Square aria-hidden size={14} fill="currentColor" />
            </RoundButton>
          )}
          {(!isGenerating || draft !== '') && (
            <RoundButton label={isGenerating ? 'Queue' : 'Send'} variant="primary" type="submit" isDisabled={!canSend}>
              <ArrowUp aria-hidden size={18} />
            </RoundButton>
          )}
        </div>
      </div>
    </form>
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
