import type { ProcessName } from './process-plan.ts';

/** An event for the operator. `message` is a complete sentence. */
export interface StackEvent {
  readonly type: 'notice' | 'crashed' | 'recovered' | 'orphan' | 'stopping' | 'killed' | 'reloading' | 'unrecorded';
  readonly service?: ProcessName;
  readonly message: string;
}
