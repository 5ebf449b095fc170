import { useRef } from 'react';
import { useChat } from './chat-store.ts';
import type { Turn } from './conversation.ts';
import { MessageList } from './message-list.tsx';
import { shownList } from './shown-list.ts';
import { TurnView } from './turn-view.tsx';

const keyOf = ({ id }: Turn) => id;

export default function Transcript() {
  const turns = useChat((state) => state.turns);
  const hasOpenedEmpty = useRef(turns.length <= 1);
  const lastSent = turns.findLastIndex(({ response }) => response.state !== 'queued');
  return (
    <MessageList
      ref={shownList}
      label="Conversation"
      messages={turns}
      keyOf={keyOf}
      questionKey={turns.at(-1)?.id}
      opensAt={hasOpenedEmpty.current ? 'question' : 'end'}
      renderMessage={(turn, index) => (
        <div className="pb-10">
          <TurnView turn={turn} isLast={index === lastSent} />
        </div>
      )}
    />
  );
}
