import { ModelsPolling } from '../../api/models-polling.tsx';
import { useModels } from '../../api/models-store.ts';
import { Panel } from '../../design/panel.tsx';
import { useNow } from '../../design/use-now.ts';
import { ListProblems } from '../models/list-problems.tsx';
import { DefaultsPanel } from './defaults-panel.tsx';
import { ModelRow } from './model-row.tsx';
import { RetiredModels } from './retired-models.tsx';

/** What the chat asks by default, and what is known of the models it may ask. */
export function ModelsTab() {
  const { list, failure } = useModels();
  const now = useNow();
  return (
    <>
      <ModelsPolling />
      <DefaultsPanel />
      <ListProblems problems={list?.problems ?? []} failure={failure} />
      {list === null && failure === null && <p className="text-text-2">Loading…</p>}
      {list && (
        <>
          {[...Map.groupBy(list.models, ({ provider }) => provider)].map(([provider, models]) => (
            <Panel key={provider} title={`Models of ${provider}`}>
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
