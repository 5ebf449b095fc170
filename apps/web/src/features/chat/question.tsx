import { clsx } from 'clsx';
import { Pencil, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { Button, CopyButton, IconButton } from '../../design/button.tsx';
import { lazyPart } from '../../design/lazy-part.tsx';
import { CodeBlock } from '../../markdown/code-block.tsx';
import { useChat } from './chat-store.ts';
import { focusComposer } from './composer.tsx';
import { isRunning, type Turn } from './conversation.ts';
import { isLongQuestion, questionParts } from './question-parts.ts';

const DeleteTurnDialog = lazyPart(() => import('./delete-turn-dialog.tsx'), { failure: 'overlay' });

/** The question as typed. Code fences are rendered, and long questions are collapsed, so that the response stays in view. */
export function Question({ turn }: { turn: Turn }) {
  const [isExpanded, setExpanded] = useState(false);
  const isLong = isLongQuestion(turn.prompt);
  return (
    <div className="flex flex-col items-end gap-1">
      <div className="max-w-[85%] min-w-0 rounded-lg bg-surface-2 px-4 py-2.5">
        <div className={clsx('relative', isLong && !isExpanded && 'fade-out max-h-78 overflow-hidden')}>
          {questionParts(turn.prompt).map((part, index) =>
            part.type === 'code' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a question never change.
              <div key={index} className="prose my-2 *:mb-0">
                <CodeBlock code={part.text} language={part.language} isFinished />
              </div>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a question never change.
              <p key={index} dir="auto" className="text-prose whitespace-pre-wrap wrap-anywhere">
                {part.text}
              </p>
            ),
          )}
        </div>
        {isLong && (
          <button
            type="button"
            aria-expanded={isExpanded}
            onClick={() => setExpanded(!isExpanded)}
            className="target rounded-sm text-sm font-medium text-accent hover:underline"
          >
            {isExpanded ? 'Show less' : 'Show more'}
          </button>
        )}
      </div>
      {turn.response.state === 'queued' ? <QueuedActions turn={turn} /> : <QuestionActions turn={turn} />}
    </div>
  );
}

/** Appears while the pointer or the focus is in the turn, and always on touch screens. */
function QuestionActions({ turn: { id, prompt, response } }: { turn: Turn }) {
  const [isConfirming, setConfirming] = useState(false);
  const edit = () => {
    useChat.getState().addToDraft(prompt);
    focusComposer();
  };
  return (
    <div className="flex opacity-0 transition group-focus-within/turn:opacity-100 group-hover/turn:opacity-100 pointer-coarse:opacity-100">
      <CopyButton text={() => prompt} label="Copy question" />
      <IconButton label="Edit in the composer" onClick={edit}>
        <Pencil aria-hidden size={16} />
      </IconButton>
      {!isRunning(response) && (
        <IconButton label="Delete question and response" onClick={() => setConfirming(true)}>
          <Trash2 aria-hidden size={16} />
        </IconButton>
      )}
      {isConfirming && (
        <DeleteTurnDialog
          onConfirm={() => {
            useChat.getState().removeTurn(id);
            focusComposer();
          }}
          onClose={() => setConfirming(false)}
        />
      )}
    </div>
  );
}

function QueuedActions({ turn }: { turn: Turn }) {
  const { removeQueued, resume } = useChat.getState();
  const isPaused = useChat(({ turns }) => !turns.some(({ response }) => isRunning(response)));
  return (
    <div className="flex items-center gap-2 text-sm text-text-3">
      {isPaused ? 'Paused' : 'Queued'}
      {isPaused && (
        <Button
          variant="quiet"
          onClick={() => {
            resume();
            focusComposer();
          }}
        >
          Send now
        </Button>
      )}
      <IconButton
        label="Remove from queue"
        onClick={() => {
          removeQueued(turn.id);
          focusComposer();
        }}
      >
        <X aria-hidden size={16} />
      </IconButton>
    </div>
  );
}
