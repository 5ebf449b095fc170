import type { Model, ModelList } from '@prodigon/contracts';
import { ChevronDown } from 'lucide-react';
import { useModels } from '../../api/models-store.ts';
import { useModel } from './use-model.ts';

export function ModelSelect() {
  const [model, setModel] = useModel();
  const { list, failure } = useModels();
  const models = list?.models ?? [];
  const isListed = model === null || models.some(({ id }) => id === model);
  const problems = list?.problems.map(({ provider, message }) => `${provider}: ${message}`) ?? [];
  const title = failure ?? (problems.join('\n') || 'Model');
  return (
    <div className="relative inline-flex min-w-0 items-center">
      <select
        aria-label="Model"
        title={title}
        value={model ?? ''}
        onChange={(event) => setModel(event.target.value || null)}
        className="target max-w-64 min-w-0 appearance-none truncate rounded-sm bg-transparent pr-7 pl-2 text-sm text-text-2 transition hover:bg-surface-2 hover:text-text"
      >
        <option value="">{defaultLabel(list)}</option>
        {!isListed && <option value={model}>{model}</option>}
        {[...Map.groupBy(models, ({ provider }) => provider)].map(([provider, members]) => (
          <optgroup key={provider} label={provider}>
            {members.map((member) => (
              <option key={member.id} value={member.id}>
                {labelOf(member)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <ChevronDown aria-hidden size={14} className="pointer-events-none absolute right-2 text-text-3" />
    </div>
  );
}

function defaultLabel(list: ModelList | null): string {
  const model = list?.models.find(({ id }) => id === list.default_model);
  if (model) return `${labelOf(model)} · default`;
  return list?.default_model ? `${list.default_model} · default` : 'Default model';
}

function labelOf({ id, offline }: Model): string {
  return offline ? `${id} · offline` : id;
}
