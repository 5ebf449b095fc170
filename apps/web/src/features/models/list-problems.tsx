import type { ModelList } from '@prodigon/contracts';
import { Notice } from '../../design/notice.tsx';

interface ListProblemsProps {
  problems: ModelList['problems'];
  /** Why there is no newer list at all. */
  failure: string | null;
}

/** What is missing from a list of models, and why. */
export function ListProblems({ problems, failure }: ListProblemsProps) {
  return (
    <>
      {failure !== null && (
        <Notice tone="bad" title="The models could not be asked for">
          {failure}
        </Notice>
      )}
      {problems.map(({ provider, message }) => (
        <Notice key={provider} tone="warn" title={`${provider} could not list its models`}>
          {message}
        </Notice>
      ))}
    </>
  );
}
