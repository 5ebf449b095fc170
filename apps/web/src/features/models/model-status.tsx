import type { ModelHealth, ModelList } from '@prodigon/contracts';
import { StatusIcon } from '../../design/icons.tsx';
import { Notice } from '../../design/notice.tsx';
import { healthDetail, healthLabel } from './model-labels.ts';
import { providerTitle } from './provider-title.ts';

interface ModelHealthStatusProps {
  health: ModelHealth;
  now: number;
}

/** The health of a model as an icon and text. */
export function ModelHealthStatus({ health, now }: ModelHealthStatusProps) {
  const detail = healthDetail(health, now);
  return (
    <span data-health={health.state} className="tabular flex items-baseline gap-1.5">
      <span className="self-center">
        <StatusIcon status={health.state} />
      </span>
      <span>
        <span className="font-medium text-text-2">{healthLabel(health)}</span>
        {detail && `: ${detail}`}
      </span>
    </span>
  );
}

interface ModelListNoticesProps {
  problems: ModelList['problems'];
  /** Why the list could not be loaded. */
  failure: string | null;
}

/** The providers whose models are missing from the list, and why. */
export function ModelListNotices({ problems, failure }: ModelListNoticesProps) {
  return (
    <>
      {failure !== null && (
        <Notice severity="bad" title="Could not load models">
          {failure}
        </Notice>
      )}
      {problems.map(({ provider, message }) => (
        <Notice key={provider} severity="warn" title={`Could not list models from ${providerTitle(provider)}`}>
          {message}
        </Notice>
      ))}
    </>
  );
}
