import type { ConversationMessage } from '@prodigon/contracts/conversations';
import { memo, useState } from 'react';
import { lazyPart } from '../../design/lazy-part.tsx';
import { focusComposer } from './focus-composer.ts';
import { Question } from './question.tsx';
import { QuestionActions } from './question-actions.tsx';
import { ResponseView } from './response-view.tsx';
import { isRunning } from './state/chat-response.ts';
import type { TranscriptTurn } from './state/transcript-turns.ts';

const QuestionEditor = lazyPart(() => import('./question-editor.tsx'));

interface TurnViewProps {
  turn: TranscriptTurn;
  /** The last turn, whose response can be retried, regenerated or continued. */
  isLast: boolean;
  /** Whether a response of the conversation is running. */
  isGenerating: boolean;
}

/** A question and its response. */
export const TurnView = memo(function TurnView({ turn, isLast, isGenerating }: TurnViewProps) {
  const { question, responses, system } = turn;
  const [isEditing, setEditing] = useState(false);
  const state = responses.at(-1)?.response.state ?? 'done';
  if (system) return <SystemMessage message={system} />;
  return (
    <article id={turn.id} data-state={state} aria-label="Question and response" className="group/turn flex flex-col gap-5">
      {question?.message && isEditing ? (
        <QuestionEditor
          message={question.message}
          onClose={() => {
            setEditing(false);
            focusComposer();
          }}
        />
      ) : (
        question && (
          <Question question={question}>
            {question.message && (
              <QuestionActions message={question.message} isGenerating={isGenerating} onEdit={() => setEditing(true)} />
            )}
          </Question>
        )
      )}
      {responses.map((response, index) => (
        <ResponseView
          key={response.message?.id ?? 'pending'}
          item={response}
          questionId={question?.message?.id ?? null}
          isLast={isLast && index === responses.length - 1}
          isGenerating={isGenerating && !isRunning(response.response)}
        />
      ))}
    </article>
  );
});

/** A system message within a conversation, from an import. */
function SystemMessage({ message: { content } }: { message: ConversationMessage }) {
  return (
    <details className="text-sm text-text-2">
      <summary className="disclosure">System message</summary>
      <p dir="auto" className="mt-2 border-s-2 border-border ps-4 whitespace-pre-wrap wrap-anywhere">
        {content}
      </p>
    </details>
  );
}
