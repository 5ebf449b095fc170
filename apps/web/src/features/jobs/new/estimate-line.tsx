import { useCachedModels } from '../../../api/models-query.ts';
import { formatCountOf, formatDollars } from '../../../design/format.ts';
import { parseOptionalNumber } from '../../../design/optional-number.ts';
import { findModel } from '../../models/model-labels.ts';
import { estimateJob } from './job-estimate.ts';
import type { NewJob } from './use-new-job.ts';

/** The estimated size and cost of the job, once its prompts are valid. */
export function EstimateLine({ form: { validation, draft } }: { form: NewJob }) {
  const models = useCachedModels();
  if (validation.state !== 'validated' || validation.result.total === 0) return null;
  const { total, promptCharacters } = validation.result;
  const { model, system_prompt, max_tokens } = draft.fields;
  const maxTokens = parseOptionalNumber(max_tokens);
  const { promptTokens, promptCost, costMax } = estimateJob(
    {
      prompts: total,
      promptCharacters,
      systemPrompt: system_prompt,
      maxTokens: maxTokens !== undefined && Number.isFinite(maxTokens) ? maxTokens : null,
    },
    findModel(models, model.trim() || null),
  );
  return (
    <p className="tabular text-sm text-text-2">
      About {formatCountOf(promptTokens, 'prompt token')}
      {promptCost === 0 && ', free'}
      {promptCost !== null && promptCost > 0 && `, ${formatDollars(promptCost)} without the responses`}
      {costMax !== null && costMax > 0 && `, at most ${formatDollars(costMax)} with them`}.
    </p>
  );
}
