import { Undo2 } from 'lucide-react';
import { memo, useEffect, useState } from 'react';
import { CopyButton, IconButton } from '../../design/button.tsx';
import { ErrorBoundary } from '../../design/error-boundary.tsx';
import { Markdown } from '../../markdown/markdown.tsx';
import { Reasoning } from '../../markdown/reasoning.tsx';
import { splitThinkBlock } from '../../markdown/think-block.ts';
import { useChat } from './chat-store.ts';
import { focusComposer } from './composer.tsx';
import { type ChatResponse, isRunning, shownResponse, type Turn } from './conversation.ts';
import { useModel } from './model-parameter.ts';
import { Question } from './question.tsx';
import { RegenerateButtons } from './regenerate-buttons.tsx';
import { RequestNotices, ResponseNotice } from './response-notices.tsx';
import { responseStats } from './response-stats.ts';
import { useStreamSlot } from './stream-slots.ts';

const CONTINUE_PROMPT = 'Continue exactly where you stopped.';

interface TurnViewProps {
  turn: Turn;
  /** The last turn that was sent, which is the one to retry, regenerate or continue. */
  isLast: boolean;
}

/** A question and its response. Unchanged turns do not render again, and those out of view have no layout. */
export const TurnView = memo(function TurnView({ turn, isLast }: TurnViewProps) {
  const { response } = turn;
  const [model] = useModel();
  const { send, regenerate, showEarlier } = useChat.getState();
  const isGenerating = isRunning(response);
  const shown = shownResponse(turn);
  const { reasoning, text } = splitThinkBlock(shown.text);
  const onRegenerate = (withModel: string | null) => {
    regenerate(withModel);
    focusComposer();
  };
  const onContinue = () => {
    send(CONTINUE_PROMPT, model);
    focusComposer();
  };
  return (
    <article
      id={turn.id}
      data-state={response.state}
      aria-label="Question and response"
      className="group/turn flex flex-col gap-5"
    >
      <Question turn={turn} />
      {response.state !== 'queued' && (
        <div className="flex flex-col gap-4">
          {(shown.reasoning || reasoning) && <Reasoning text={shown.reasoning || reasoning} />}
          {text && <ResponseText text={text} requestedAt={shown.requestedAt} isComplete={!isRunning(shown)} />}
          {(response.state === 'connecting' || response.state === 'waiting') && <ResponseProgress response={response} />}
          <RequestNotices response={response} />
          <ResponseNotice
            response={response}
            isEarlierShown={shown !== response}
            actions={isLast ? { onRetry: () => onRegenerate(model), onContinue } : null}
          />
          {!isGenerating && (
            <ResponseFooter
              response={shown}
              onRegenerate={isLast ? onRegenerate : null}
              onShowEarlier={turn.earlierResponses.length > 0 ? () => showEarlier(turn.id) : null}
            />
          )}
        </div>
      )}
    </article>
  );
});

interface ResponseTextProps extends Pick<ChatResponse, 'text' | 'requestedAt'> {
  isComplete: boolean;
}

/** A response that fails to render shows its source, and hides neither the others nor the actions below it. */
function ResponseText({ text, requestedAt, isComplete }: ResponseTextProps) {
  const source = (
    <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">
      {text}
    </p>
  );
  return (
    <ErrorBoundary resetKey={String(requestedAt)} fallback={source}>
      <Markdown text={text} isComplete={isComplete} />
    </ErrorBoundary>
  );
}

const PROGRESS_STEP_MS = 100;

/** Shows the current step and the elapsed time until the first token. */
function ResponseProgress({ response }: { response: ChatResponse }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), PROGRESS_STEP_MS);
    return () => clearInterval(timer);
  }, []);
  const isWaitingForTab = useStreamSlot((state) => state.isWaiting);
  const elapsedMs = response.requestedAt === null ? 0 : Math.max(0, now - response.requestedAt);
  return (
    <p className="flex items-center gap-2 text-text-2">
      <span aria-hidden="true" className="size-2 animate-[blink_1.2s_infinite] rounded-full bg-accent" />
      {progressLabel(response, isWaitingForTab)}
      <span className="tabular text-text-3">{(elapsedMs / 1_000).toFixed(1)} s</span>
    </p>
  );
}

function progressLabel({ state, model }: ChatResponse, isWaitingForTab: boolean): string {
  if (state !== 'connecting') return `Waiting for ${model ?? 'the model'}`;
  return isWaitingForTab ? 'Four responses are running in other tabs. This one starts when one of them ends.' : 'Connecting';
}

interface ResponseFooterProps {
  response: ChatResponse;
  /** Null for responses that later turns build on. */
  onRegenerate: ((model: string | null) => void) | null;
  /** Null if no earlier response was replaced. */
  onShowEarlier: (() => void) | null;
}

function ResponseFooter({ response, onRegenerate, onShowEarlier }: ResponseFooterProps) {
  return (
    <footer className="-ml-2 flex flex-wrap items-center gap-x-2 text-xs text-text-3">
      <div className="flex">
        {response.text && <CopyButton text={() => splitThinkBlock(response.text).text} label="Copy response" />}
        {onRegenerate && <RegenerateButtons onRegenerate={onRegenerate} />}
        {onShowEarlier && (
          <IconButton label="Show previous response" onClick={onShowEarlier}>
            <Undo2 aria-hidden size={16} />
          </IconButton>
        )}
      </div>
      <ul aria-label="Response details" className="tabular flex flex-wrap gap-x-4 max-sm:pl-2">
        {responseStats(response).map((stat) => (
          <li key={stat}>{stat}</li>
        ))}
      </ul>
    </footer>
  );
}
