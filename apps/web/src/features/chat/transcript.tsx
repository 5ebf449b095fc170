import { ArrowDown } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useChat } from './chat-store.ts';
import { TurnView } from './turn-view.tsx';
import { useAutoScroll } from './use-auto-scroll.ts';

export default function Transcript() {
  const turns = useChat((state) => state.turns);
  const { scroller, content, isRestored, isAtEnd, follow } = useAutoScroll();
  const shownTurns = useRef(isRestored ? turns.length : 0);
  const lastSent = turns.findLastIndex(({ response }) => response.state !== 'queued');
  // A new question scrolls into view.
  useEffect(() => {
    if (turns.length > shownTurns.current) follow('question');
    shownTurns.current = turns.length;
  }, [turns.length, follow]);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
        tabIndex={0}
        className="@container h-full overflow-x-clip overflow-y-auto focus-visible:-outline-offset-2"
      >
        <div ref={content} className="mx-auto flex max-w-190 flex-col gap-10 px-4 py-8 sm:px-6">
          {turns.map((turn, index) => (
            <TurnView key={turn.id} turn={turn} isLast={index === lastSent} />
          ))}
        </div>
      </div>
      {!isAtEnd && (
        <button
          type="button"
          onClick={() => follow('end')}
          className="target absolute bottom-3 left-1/2 inline-flex -translate-x-1/2 animate-[fade-in_120ms] items-center gap-2 rounded-full border border-control bg-bg px-4 text-sm font-medium shadow-md hover:bg-surface-2"
        >
          <ArrowDown aria-hidden size={16} /> Jump to latest
        </button>
      )}
    </div>
  );
}
