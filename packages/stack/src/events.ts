import type { ServiceName } from './plan.ts';

/** What the operator should hear about; `message` is a whole sentence. */
export interface StackEvent {
  readonly type: 'crashed' | 'recovered' | 'orphan' | 'stopping' | 'killed' | 'reloading' | 'unrecorded';
  readonly service?: ServiceName;
  readonly message: string;
}
