import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useCachedModels } from '../../api/models-query.ts';
import { providersQuery } from '../../api/providers-query.ts';
import { usePageTitle } from '../../design/browser-hooks.ts';
import { Logo } from '../../design/icons.tsx';
import { findModel } from '../models/model-labels.ts';
import { useChatSettings } from '../settings/chat-settings-store.ts';
import { SETTINGS_PROVIDERS } from '../settings/settings-tabs.ts';
import { focusComposer } from './focus-composer.ts';
import { useModel } from './model-parameter.ts';
import { EMPTY_DRAFT } from './state/draft-store.ts';
import { NEW_CONVERSATION } from './state/live-turn.ts';
import { sendQuestion } from './state/load-turns.ts';

const TUTOR_MODEL = 'prodigon-tutor';

/** Questions that the offline model also covers. */
const SUGGESTIONS = [
  'When would you choose gRPC over REST?',
  'How does this platform stream a response to the browser?',
  'Why use dependency injection in a service?',
  'How should a service behave under overload?',
];

/** Introduces the offline tutor, because the default model only quotes documents until the operator adds a provider. */
function ModelIntroduction({ model }: { model: string | null }) {
  const ownDefault = useChatSettings(({ settings }) => settings.model ?? null);
  const isTutor = findModel(useCachedModels(), model ?? ownDefault)?.id === TUTOR_MODEL;
  const { data: providers, isPending } = useQuery({ ...providersQuery, enabled: isTutor });
  return (
    <p className="mt-2 max-w-xl text-prose text-text-2">
      {isTutor && !isPending ? (
        <>
          The offline tutor searches the pages of this repository and quotes them.{' '}
          {providers?.locked === null ? (
            <>
              For open-ended conversation,{' '}
              <Link href={SETTINGS_PROVIDERS} className="text-accent underline underline-offset-3">
                add a key for a real model
              </Link>
              .
            </>
          ) : (
            providers?.locked
          )}
        </>
      ) : (
        'Ask about system design, or about how Prodigon works.'
      )}
    </p>
  );
}

export function EmptyConversation() {
  usePageTitle('Chat');
  const [model] = useModel();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex min-h-full max-w-190 flex-col justify-center px-4 py-8 sm:px-6">
        <Logo size={40} />
        <h1 className="mt-5 text-2xl font-semibold tracking-tight text-balance">What would you like to know?</h1>
        <ModelIntroduction model={model} />
        <ul className="mt-8 grid gap-3 sm:grid-cols-2">
          {SUGGESTIONS.map((suggestion) => (
            <li key={suggestion}>
              <button
                type="button"
                onClick={() => {
                  void sendQuestion(NEW_CONVERSATION, { ...EMPTY_DRAFT, text: suggestion }, model ?? undefined);
                  focusComposer();
                }}
                className="h-full min-h-14 w-full rounded-md border border-border px-4 py-3 text-left transition hover:border-control hover:bg-surface"
              >
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
