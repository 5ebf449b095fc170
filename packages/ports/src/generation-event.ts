import type { Usage } from '@prodigon/contracts';

/** A piece of an answer. */
export type ContentEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'tool_call';
      readonly index: number;
      readonly id?: string | undefined;
      readonly name?: string | undefined;
      readonly argumentsDelta: string;
    };

/** What a provider sends: content, why it ended, and what it counted. Failures are thrown, never sent. */
export type ProviderEvent =
  | ContentEvent
  | { readonly type: 'finish'; readonly reason: string }
  | { readonly type: 'usage'; readonly usage: Usage };
