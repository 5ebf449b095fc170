import type { Model, RetiredModel } from '@prodigon/contracts';
import { useModels } from '../../api/models-query.ts';
import { useNow } from '../../design/browser-hooks.ts';
import { formatCountOf } from '../../design/format.ts';
import { Panel } from '../../design/page.tsx';
import { priceLabel, retirementLabel } from '../models/model-labels.ts';
import { ModelHealthStatus, ModelListNotices } from '../models/model-status.tsx';
import { providerTitle } from '../models/provider-title.ts';
import { DefaultsPanel } from './defaults-panel.tsx';

/** The chat settings and the available models. */
export function ModelsTab() {
  const { list, failure } = useModels(() => true);
  const now = useNow();
  return (
    <>
      <DefaultsPanel />
      <ModelListNotices problems={list?.problems ?? []} failure={failure} />
      {list === null && failure === null && <p className="text-text-2">Loading…</p>}
      {list && (
        <>
          {[...Map.groupBy(list.models, ({ provider }) => provider)].map(([provider, models]) => (
            <Panel key={provider} title={`Provider: ${providerTitle(provider)}`}>
              <ul className="divide-y divide-border">
                {models.map((model) => (
                  <ModelRow
                    key={model.id}
                    model={model}
                    isDefault={model.id === list.default_model}
                    retired={list.retired}
                    now={now}
                  />
                ))}
              </ul>
            </Panel>
          ))}
          {list.retired.length > 0 && <RetiredModels retired={list.retired} now={now} />}
        </>
      )}
    </>
  );
}

interface ModelRowProps {
  model: Model;
  isDefault: boolean;
  retired: readonly RetiredModel[];
  now: number;
}

function ModelRow({ model, isDefault, retired, now }: ModelRowProps) {
  const { id, kind, description, aliases, context_tokens, output_tokens_max, fallbacks } = model;
  const retirement = retirementLabel(model, retired);
  const activeAliases = aliases.filter((alias) => !retired.some((each) => each.id === alias));
  const details = [
    ...(kind === 'embedding' ? [['Kind', 'Embedding model'] as const] : []),
    ...(context_tokens === null ? [] : [['Context', formatCountOf(context_tokens, 'token')] as const]),
    ...(output_tokens_max === null || kind === 'embedding'
      ? []
      : [['Max output', formatCountOf(output_tokens_max, 'token')] as const]),
    ...(model.price === null && !model.offline ? [] : [['Price', priceLabel(model)] as const]),
    ...(fallbacks.length > 0 ? [['Fallbacks', fallbacks.join(', then ')] as const] : []),
    ...(activeAliases.length > 0 ? [['Aliases', activeAliases.join(', ')] as const] : []),
  ] as const;
  return (
    <li data-model={id} className="grid gap-x-8 gap-y-2 px-5 py-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div>
        <h3 className="font-semibold wrap-anywhere">
          {id}
          {isDefault && <span className="ml-2 text-sm font-normal text-text-2">default</span>}
        </h3>
        {description && <p className="text-sm text-text-2">{description}</p>}
        <div className="mt-1 text-sm text-text-3">
          <ModelHealthStatus health={model.health} now={now} />
        </div>
        {retirement && <p className="mt-1 text-sm font-medium text-warn">{retirement}</p>}
      </div>
      <dl className="tabular grid grid-cols-2 content-start gap-x-6 gap-y-2 text-sm sm:grid-cols-3">
        {details.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-text-3">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** Retired model ids that requests may still use, and their replacements. `now` in milliseconds since the epoch. */
function RetiredModels({ retired, now }: { retired: readonly RetiredModel[]; now: number }) {
  const today = new Date(now).toISOString().slice(0, 10);
  return (
    <Panel title="Retired models">
      <ul className="divide-y divide-border">
        {retired.map(({ id, provider, on, use }) => (
          <li key={`${provider} ${id}`} className="tabular px-5 py-3 text-sm wrap-anywhere">
            <span className="font-medium">{id}</span>{' '}
            <span className="text-text-2">
              ({providerTitle(provider)}){' '}
              {on <= today ? `was retired on ${on}. Replaced by ${use}.` : `retires on ${on}. Will be replaced by ${use}.`}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
