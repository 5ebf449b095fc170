import { GENERATION_LIMITS } from '@prodigon/contracts';
import { ArrowUp, Square } from 'lucide-react';
import { type KeyboardEvent, useRef } from 'react';
import { isRunning } from './answer.ts';
import { useChat } from './chat-store.ts';
import { COMPOSER_ID } from './focus-composer.ts';
import { ModelPicker } from './model-picker/model-picker.tsx';
import { RoundButton } from './round-button.tsx';
import { useGrowingTextarea } from './use-growing-textarea.ts';
import { useModel } from './use-model.ts';

const { promptCharactersMax } = GENERATION_LIMITS;
/** From here on the rest is counted aloud. */
const COUNTED_FROM = promptCharactersMax - 500;

export function Composer() {
  const { draft, setDraft, send, stop } = useChat();
  const running = useChat(({ turns }) => turns.some(({ answer }) => isRunning(answer)));
  const [model] = useModel();
  const textarea = useRef<HTMLTextAreaElement>(null);
  useGrowingTextarea(textarea, draft);

  const isTooLong = draft.length > promptCharactersMax;
  const canSend = draft.trim() !== '' && !isTooLong;
  const submit = () => {
    if (!canSend) return;
    send(draft, model);
    setDraft('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also accepts what an input method proposes; then it is not ours.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      aria-label="Ask"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="relative rounded-lg border border-control bg-bg shadow-xs transition focus-within:border-accent focus-within:ring-1 focus-within:ring-accent"
    >
      <textarea
        ref={textarea}
        id={COMPOSER_ID}
        rows={1}
        dir="auto"
        value={draft}
        aria-label="Your question"
        aria-describedby={draft.length > COUNTED_FROM ? 'question-length' : undefined}
        placeholder="Ask anything"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        className="block w-full resize-none bg-transparent px-4 pt-3 pb-1 text-prose outline-none placeholder:text-text-3"
      />
      <div className="flex items-center gap-2 p-2">
        <ModelPicker />
        {draft.length > COUNTED_FROM && (
          <span id="question-length" role="status" className={isTooLong ? 'text-sm text-bad' : 'tabular text-sm text-text-3'}>
            {isTooLong
              ? `${(draft.length - promptCharactersMax).toLocaleString('en')} characters too long`
              : `${(promptCharactersMax - draft.length).toLocaleString('en')} characters left`}
          </span>
        )}
        <div className="ml-auto flex gap-2">
          {running && (
            <RoundButton label="Stop" look="secondary" onClick={stop}>
              <Square aria-hidden size={14} fill="currentColor" />
            </RoundButton>
          )}
          {(!running || draft !== '') && (
            <RoundButton label={running ? 'Queue' : 'Send'} look="primary" type="submit" isOff={!canSend}>
              <ArrowUp aria-hidden size={18} />
            </RoundButton>
          )}
        </div>
      </div>
    </form>
  );
}
