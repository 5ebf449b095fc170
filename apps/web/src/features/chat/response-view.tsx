import { useEffect, useState } from 'react';
import { CopyButton } from '../../design/button.tsx';
import { Reasoning } from '../../markdown/reasoning.tsx';
import { splitThinkBlock } from '../../markdown/think-block.ts';
import { BranchSwitch } from './branch-switch.tsx';
import { focusComposer } from './focus-composer.ts';
import { MessageTime } from './message-time.tsx';
import { RegenerateButtons } from './regenerate-buttons.tsx';
import { RequestNotices, ResponseNotice } from './response-notices.tsx';
import { responseStats } from './response-stats.ts';
import { ResponseText } from './response-text.tsx';
import { type ChatResponse, isRunning } from './state/chat-response.ts';
import { continueResponse, regenerate } from './state/message-actions.ts';
import { useOpenConversation } from './state/open-conversation.ts';
import type { TranscriptResponse } from './state/transcript-turns.ts';
import { turns } from './state/turns.ts';
import { useStreamSlot } from './stream-slots.ts';
import { ToolParts } from './tool-parts.tsx';

interface ResponseViewProps {
  item: TranscriptResponse;
  /** Null until the question is stored. */
  questionId: string | null;
  isLast: boolean;
  /** Whether another response is running. */
  isGenerating: boolean;
}

/** A response with its notices, details and actions. */
export function ResponseView({ item, questionId, isLast, isGenerating }: ResponseViewProps) {
  const { key, view } = useOpenConversation();
  const { message, response, shown, isReconnecting } = item;
  const { reasoning, text } = splitThinkBlock(shown.text);
  const model = view?.conversation.model ?? null;
  const messageId = message?.id;
  const isPending = messageId === undefined;
  const onRegenerate = (withModel?: string) => {
    const regenerated = messageId ?? questionId;
    if (isPending) turns.retry(key, model ?? undefined);
    else if (regenerated) regenerate(key, regenerated, shown, withModel);
    focusComposer();
  };
  const onContinue = () => {
    if (messageId !== undefined) continueResponse(key, messageId, response);
    focusComposer();
  };
  const onDiscard = () => {
    turns.discard(key);
    focusComposer();
  };
  return (
    <div data-message={messageId} className="flex scroll-mt-4 flex-col gap-4">
      {(shown.reasoning || reasoning) && <Reasoning text={shown.reasoning || reasoning} />}
      <ToolParts parts={shown.tools} />
      {text && <ResponseText text={text} resetKey={messageId ?? 'pending'} isComplete={!isRunning(shown)} />}
      {(response.state === 'connecting' || response.state === 'waiting') && <ResponseProgress response={response} />}
      {isReconnecting && isRunning(response) && (
        <p className="text-sm text-warn">Connection lost. Reconnecting to the response.</p>
      )}
      <RequestNotices response={response} />
      <ResponseNotice
        response={response}
        isEarlierShown={shown !== response}
        actions={
          isLast && !isGenerating
            ? {
                onRetry: () => onRegenerate(),
                onContinue: isPending ? null : onContinue,
                onDiscard: isPending ? onDiscard : null,
              }
            : null
        }
      />
      {!isRunning(response) && message && (
        <footer className="-ml-2 flex flex-wrap items-center gap-x-2 text-xs text-text-3">
          <BranchSwitch message={message} label="response" />
          <div className="flex">
            {shown.text && <CopyButton text={() => text} label="Copy response" />}
            {!isGenerating && <RegenerateButtons model={model} onRegenerate={onRegenerate} />}
          </div>
          <ul aria-label="Response details" className="tabular flex flex-wrap gap-x-4 max-sm:pl-2">
            {responseStats(shown).map((stat) => (
              <li key={stat}>{stat}</li>
            ))}
          </ul>
          <div className="ms-auto opacity-0 transition group-focus-within/turn:opacity-100 group-hover/turn:opacity-100 pointer-coarse:opacity-100">
            <MessageTime time={message.completed_at ?? message.created_at} />
          </div>
        </footer>
      )}
    </div>
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
  return (
    <p className="flex items-center gap-2 text-text-2">
      <span aria-hidden="true" className="size-2 animate-[blink_1.2s_infinite] rounded-full bg-accent" />
      {progressLabel(response, isWaitingForTab)}
      <span className="tabular text-text-3">{(Math.max(0, now - response.requestedAt) / 1_000).toFixed(1)} s</span>
    </p>
  );
}

function progressLabel({ state, model }: ChatResponse, isWaitingForTab: boolean): string {
  if (state !== 'connecting') return `Waiting for ${model ?? 'the model'}`;
  return isWaitingForTab ? 'Four responses are running in other tabs. This one starts when one of them ends.' : 'Connecting';
}
