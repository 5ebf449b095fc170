import type { ModelHealth } from '@prodigon/contracts';
import { StatusMark } from '../../design/status-icon.tsx';
import { healthDetail, stateWords } from './model-labels.ts';

interface ModelStateProps {
  health: ModelHealth;
  now: number;
}

/** How a model does, in a mark and in words. */
export function ModelState({ health, now }: ModelStateProps) {
  const detail = healthDetail(health, now);
  return (
    <span data-health={health.state} className="tabular flex items-baseline gap-1.5">
      <span className="self-center">
        <StatusMark status={health.state} />
      </span>
      <span>
        <span className="font-medium text-text-2">{stateWords(health)}</span>
        {detail && `: ${detail}`}
      </span>
    </span>
  );
}
