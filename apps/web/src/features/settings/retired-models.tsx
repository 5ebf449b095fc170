import type { RetiredModel } from '@prodigon/contracts';
import { Panel } from '../../design/panel.tsx';

/** Ids that are understood though their model is gone, or soon will be. `now` in milliseconds since the epoch. */
export function RetiredModels({ retired, now }: { retired: readonly RetiredModel[]; now: number }) {
  const today = new Date(now).toISOString().slice(0, 10);
  return (
    <Panel title="Retired models">
      <ul className="divide-y divide-border">
        {retired.map(({ id, provider, on, use }) => (
          <li key={`${provider} ${id}`} className="tabular px-5 py-3 text-sm wrap-anywhere">
            <span className="font-medium">{id}</span>{' '}
            <span className="text-text-2">
              of {provider} {on <= today ? `was retired on ${on}` : `will be retired on ${on}`}.{' '}
              {on <= today ? `${use} answers in its place.` : `From then on ${use} answers in its place.`}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
