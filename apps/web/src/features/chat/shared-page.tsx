import { createConversationsApi, createHttpClient } from '@prodigon/api-client/conversations';
import type { SharedConversation } from '@prodigon/contracts/conversations';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { queryFn } from '../../api/query-client.ts';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Button, ButtonLink } from '../../design/button.tsx';
import { formatTimestamp } from '../../design/format.ts';
import { Notice } from '../../design/notice.tsx';
import { ScrollArea } from '../../design/page.tsx';
import { TextSkeleton } from '../../design/skeleton.tsx';
import { Reasoning } from '../../markdown/reasoning.tsx';
import { splitThinkBlock } from '../../markdown/think-block.ts';
import { Question } from './question.tsx';
import { ResponseText } from './response-text.tsx';

/** Sends no API key, because everybody who has the link sees the same. */
const api = createConversationsApi(createHttpClient({ baseUrl: '' }));

/** A conversation that somebody has shared, as it was then. */
export default function SharedPage({ token }: { token: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['shared', token],
    queryFn: queryFn((signal) => api.shared(token, signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  usePageTitle(data?.title || 'Shared conversation');
  useNoIndex();
  if (error) {
    const isMissing = error.message !== '' && (error as { code?: string }).code === 'NOT_FOUND';
    return (
      <main id="main" className="m-auto w-full max-w-190 p-6">
        <Notice
          severity="bad"
          title={isMissing ? 'This link does not exist, or it was revoked' : 'Could not load the conversation'}
          actions={
            isMissing ? (
              <ButtonLink href="/chat">Open Prodigon</ButtonLink>
            ) : (
              <Button onClick={() => void refetch()}>Retry</Button>
            )
          }
        >
          {!isMissing && error.message}
        </Notice>
      </main>
    );
  }
  return (
    <main id="main" className="h-dvh">
      {data ? <SharedTranscript conversation={data} /> : <TextSkeleton />}
    </main>
  );
}

function SharedTranscript({ conversation: { title, shared_at, messages } }: { conversation: SharedConversation }) {
  return (
    <ScrollArea>
      <div className="@container mx-auto flex max-w-190 flex-col gap-8 px-4 py-8 sm:px-6">
        <header>
          <h1 dir="auto" className="text-2xl font-semibold tracking-tight wrap-anywhere">
            {title || 'Shared conversation'}
          </h1>
          <p className="mt-1 text-sm text-text-2">Shared with Prodigon on {formatTimestamp(shared_at)}. Models can be wrong.</p>
        </header>
        {messages.map((message, index) => {
          const textOf = (type: 'text' | 'reasoning') =>
            message.parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
          const id = String(index);
          if (message.role === 'user') {
            const attachments = message.parts.flatMap((part) =>
              part.type === 'attachment' ? [{ id: null, name: part.name, media_type: '', bytes: null }] : [],
            );
            return <Question key={id} question={{ content: textOf('text'), attachments }} />;
          }
          const { reasoning, text } = splitThinkBlock(textOf('text'));
          const folded = textOf('reasoning') || reasoning;
          return (
            <article key={id} aria-label="Response" className="flex flex-col gap-3">
              {folded && <Reasoning text={folded} />}
              <ResponseText text={text} resetKey={id} isComplete />
              {message.model && <p className="text-xs text-text-3">{message.model}</p>}
            </article>
          );
        })}
      </div>
    </ScrollArea>
  );
}

/** Search engines must not list what is shared by a secret link. */
function useNoIndex(): void {
  useEffect(() => {
    const meta = document.createElement('meta');
    meta.name = 'robots';
    meta.content = 'noindex';
    document.head.append(meta);
    return () => meta.remove();
  }, []);
}
