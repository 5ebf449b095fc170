import { useMemo, useRef } from 'react';
import { MessageList } from './message-list.tsx';
import { QueuedQuestionView } from './queued-question.tsx';
import { shownList } from './shown-list.ts';
import type { QueuedQuestion } from './state/draft-store.ts';
import { useDrafts } from './state/drafts.ts';
import { isRunningIn, useLiveTurns } from './state/live-turn.ts';
import { useOpenConversation } from './state/open-conversation.ts';
import { useNotices } from './state/transcript-notices.ts';
import { type TranscriptTurn, transcriptTurns } from './state/transcript-turns.ts';
import { TurnView } from './turn-view.tsx';
import { useLinkedMessage } from './use-linked-message.ts';

type Item = { key: string; turn: TranscriptTurn } | { key: string; queued: QueuedQuestion };

const NO_MESSAGES: never[] = [];
const NO_QUEUE: never[] = [];
const keyOf = ({ key }: Item) => key;

/** The active path of the open conversation, with the response that runs and the queued questions. */
export function Transcript() {
  const { key, view } = useOpenConversation();
  const live = useLiveTurns(({ turns }) => turns[key]);
  const isGenerating = useLiveTurns(({ turns }) => isRunningIn(turns, key));
  const queue = useDrafts(({ queues }) => queues[key]) ?? NO_QUEUE;
  const notices = useNotices((state) => state.notices);
  const messages = view?.messages ?? NO_MESSAGES;
  const before = useRef<readonly TranscriptTurn[]>([]);
  const turns = useMemo(() => {
    before.current = keepUnchanged(before.current, transcriptTurns(messages, live, notices));
    return before.current;
  }, [messages, live, notices]);
  const items = useMemo(
    () => [...turns.map((turn): Item => ({ key: turn.id, turn })), ...queue.map((queued): Item => ({ key: queued.key, queued }))],
    [turns, queue],
  );
  useLinkedMessage(shownList, turns);
  const hasOpenedEmpty = useRef(turns.length <= 1);
  return (
    <MessageList
      ref={shownList}
      label="Conversation"
      messages={items}
      keyOf={keyOf}
      questionKey={items.at(-1)?.key}
      isPartial={view?.hasEarlier ?? false}
      opensAt={hasOpenedEmpty.current ? 'question' : 'end'}
      renderMessage={(item, index) => (
        <div className="pb-10">
          {'turn' in item ? (
            <TurnView turn={item.turn} isLast={index === turns.length - 1} isGenerating={isGenerating} />
          ) : (
            <QueuedQuestionView conversationKey={key} question={item.queued} isPaused={!isGenerating && index === turns.length} />
          )}
        </div>
      )}
    />
  );
}

/** Returns the new turns, with the earlier object for each that has not changed, so that it does not render again. */
function keepUnchanged(before: readonly TranscriptTurn[], after: readonly TranscriptTurn[]): readonly TranscriptTurn[] {
  const byId = new Map(before.map((turn) => [turn.id, turn]));
  return after.map((turn) => {
    const earlier = byId.get(turn.id);
    return earlier && isSame(earlier, turn) ? earlier : turn;
  });
}

function isSame(one: TranscriptTurn, other: TranscriptTurn): boolean {
  if (one.system !== other.system || one.responses.length !== other.responses.length) return false;
  if (one.question?.message !== other.question?.message || one.question?.content !== other.question?.content) return false;
  return one.responses.every((response, index) => {
    const another = other.responses[index];
    // A stored message determines its response, unless a live one covers it.
    return response.message !== null && response.message === another?.message && isSettled(response) && isSettled(another);
  });
}

const isSettled = ({ message, isReconnecting, response }: TranscriptTurn['responses'][number]) =>
  message?.status !== 'streaming' && !isReconnecting && response.requestedAt === Date.parse(message?.created_at ?? '');
