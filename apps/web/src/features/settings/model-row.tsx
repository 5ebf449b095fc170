import type { Model, RetiredModel } from '@prodigon/contracts';
import { formatCount } from '../../design/format.ts';
import { priceWords, retirementWords } from '../models/model-labels.ts';
import { ModelState } from '../models/model-state.tsx';

interface ModelRowProps {
  model: Model;
  isDefault: boolean;
  retired: readonly RetiredModel[];
  now: number;
}

/** All that is known of a model. */
export function ModelRow({ model, isDefault, retired, now }: ModelRowProps) {
  const { id, kind, description, aliases, context_tokens, output_tokens_max, fallbacks } = model;
  const retirement = retirementWords(model, retired);
  const other = aliases.filter((alias) => !retired.some((each) => each.id === alias));
  const facts = [
    ['Context', tokens(context_tokens)],
    ['Longest answer', kind === 'embedding' ? 'writes none' : tokens(output_tokens_max)],
    ['Price', priceWords(model)],
    ['Gives way to', fallbacks.join(', then ') || 'nobody of its own'],
    ...(other.length > 0 ? [['Also called', other.join(', ')] as const] : []),
  ] as const;
  return (
    <li data-model={id} className="grid gap-x-8 gap-y-3 px-5 py-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div>
        <h3 className="font-semibold wrap-anywhere">
          {id}
          {isDefault && <span className="ml-2 text-sm font-normal text-text-2">the platform’s default</span>}
        </h3>
        {description && <p className="text-sm text-text-2">{description}</p>}
        <div className="mt-1 text-sm text-text-3">
          <ModelState health={model.health} now={now} />
        </div>
        {retirement && <p className="mt-1 text-sm font-medium text-warn">{retirement}</p>}
      </div>
      <dl className="tabular grid grid-cols-2 content-start gap-x-6 gap-y-2 text-sm sm:grid-cols-3">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-text-3">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function tokens(count: number | null): string {
  return count === null ? 'not known' : `${formatCount(count)} tokens`;
}
