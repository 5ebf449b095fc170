import { clsx } from 'clsx';
import { ArrowDown } from 'lucide-react';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { lazyPart } from '../../design/lazy-part.tsx';
import type { Followed } from './follow-position.ts';
import { type ListedMessages, MessagesInFlow } from './messages-in-flow.tsx';
import { useAutoScroll } from './use-auto-scroll.ts';
import { useCompleteList } from './use-complete-list.ts';
import type { WindowedMessagesProps } from './windowed-messages.tsx';

/** Shorter conversations render completely, and need no download for it. */
const RENDERED_MESSAGES_MAX = 60;
/** Messages that a longer conversation shows during the download. */
const FIRST_MESSAGES = 6;

const WindowedMessages = lazyPart(() => import('./windowed-messages.tsx'), {
  skeleton: ({ keys, renderAt }: WindowedMessagesProps) => (
    <MessagesInFlow keys={keys} renderAt={renderAt} from={Math.max(0, keys.length - FIRST_MESSAGES)} />
  ),
});

export interface MessageListHandle {
  /** Shows the beginning of a message. */
  scrollToMessage: (key: string) => void;
  /** Scrolls to the newest content, and follows it while it grows. */
  follow: (followed: Followed) => void;
}

export interface MessageListProps<Message> {
  ref?: Ref<MessageListHandle>;
  /** The accessible name of the list. */
  label: string;
  /** Oldest first. Earlier messages may be added at the start: the messages in view stay where they are. */
  messages: readonly Message[];
  /** A stable, unique key, which should also be the `id` of the rendered element, so that Back returns to it. */
  keyOf: (message: Message) => string;
  /** Renders a message with the space below it. Memoize the component that it returns. */
  renderMessage: (message: Message, index: number) => ReactNode;
  /** The key of the newest question. When it changes, that message scrolls to the top. */
  questionKey?: string | undefined;
  /** Where a conversation opens, unless the user returns to a previous position. `question` is for a response that begins now. */
  opensAt?: Followed;
  /** The expected height of a message that has not been rendered, in pixels. */
  estimateHeightPx?: (message: Message) => number;
  /** Whether earlier messages will be added at the start. */
  isPartial?: boolean;
  /** Called when the first messages come into view, if there may be earlier ones. Repeated calls are possible. */
  onReachStart?: (() => void) | undefined;
  /** Shown above the first message, for example while earlier messages load. */
  before?: ReactNode;
}

const EXPECTED_HEIGHT_PX = 320;

/**
 * A scrolling list of messages. Of a long conversation, only the messages near the visible area and the last ones are in the
 * document, so that it opens immediately. Printing and the browser's search still find all of them.
 */
export function MessageList<Message>({
  ref,
  label,
  messages,
  keyOf,
  renderMessage,
  questionKey,
  opensAt = 'end',
  estimateHeightPx = () => EXPECTED_HEIGHT_PX,
  isPartial = false,
  onReachStart,
  before,
}: MessageListProps<Message>) {
  const list = useRef<ListedMessages>(null);
  const reveal = (key: string) => list.current?.reveal(key);
  const { scroller, content, isAtEnd, follow, noteScroll } = useAutoScroll({ opensAt, questionKey, reveal });
  useImperativeHandle(ref, () => ({
    scrollToMessage: (key) => {
      follow(null);
      reveal(key);
    },
    follow,
  }));

  const shownQuestion = useRef(questionKey);
  useEffect(() => {
    if (questionKey !== undefined && questionKey !== shownQuestion.current) follow('question');
    shownQuestion.current = questionKey;
  }, [questionKey, follow]);

  const isComplete = useCompleteList(scroller);
  const [hasBeenLong, setHasBeenLong] = useState(false);
  const isLong = hasBeenLong || messages.length > RENDERED_MESSAGES_MAX || isPartial || onReachStart !== undefined;
  if (isLong && !hasBeenLong) setHasBeenLong(true);

  const shared = {
    ref: list,
    keys: messages.map(keyOf),
    renderAt: (index: number) => renderMessage(messages[index] as Message, index),
  };
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
        tabIndex={0}
        className={clsx(
          '@container h-full overflow-x-clip overflow-y-auto focus-visible:-outline-offset-2',
          // The list corrects its position itself. The browser must not do it a second time.
          isLong && !isComplete && '[overflow-anchor:none]',
        )}
      >
        <div ref={content} className="mx-auto max-w-190 px-4 pt-8 sm:px-6">
          {before}
          {isLong && !isComplete ? (
            <WindowedMessages
              {...shared}
              scroller={scroller}
              estimateAt={(index) => estimateHeightPx(messages[index] as Message)}
              onScrolled={noteScroll}
              onReachStart={onReachStart}
            />
          ) : (
            <MessagesInFlow {...shared} from={0} />
          )}
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
