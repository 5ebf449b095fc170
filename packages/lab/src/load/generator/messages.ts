import type { LoadPlan } from '../load-plan.ts';
import type { LoadResult } from '../load-result.ts';

export type ToGenerator = { readonly type: 'run'; readonly plan: LoadPlan } | { readonly type: 'stop' };

export type FromGenerator =
  | { readonly type: 'ready' }
  | { readonly type: 'open' }
  | { readonly type: 'result'; readonly result: LoadResult }
  | { readonly type: 'failed'; readonly message: string };
