import { useCachedModels } from '../../../api/models-query.ts';
import { formatCount } from '../../../design/format.ts';
import { findModel } from '../../models/model-labels.ts';
import { useOpenConversation } from '../state/open-conversation.ts';
import { contextUsage } from './context-usage.ts';

/** How much of the context of the model the conversation takes. Nothing for a model with an unknown context. */
export function ContextGauge() {
  const { view } = useOpenConversation();
  const models = useCachedModels();
  if (!view || view.messages.length === 0) return null;
  const contextTokens = findModel(models, view.conversation.model)?.context_tokens ?? null;
  if (contextTokens === null) return null;
  const { tokens, isEstimated } = contextUsage(view);
  const percent = Math.min(100, Math.ceil((tokens / contextTokens) * 100));
  const details = `${isEstimated ? 'About ' : ''}${formatCount(tokens)} of ${formatCount(contextTokens)} tokens`;
  return (
    <span title={details} className={`tabular px-2 text-sm max-sm:hidden ${percent >= 80 ? 'text-warn' : 'text-text-2'}`}>
      {percent}% of context
      <span className="sr-only">, {details}</span>
    </span>
  );
}
