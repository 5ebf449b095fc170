import type { ClientCallFields } from './client-tools.ts';
import type { Annotation, ContentPart, TokenLogprob } from './response-content.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';
export type SummaryText = { type: 'summary_text'; text: string };

/** One item of a response's output. */
export type ResponseItem =
  | { id: string; type: 'reasoning'; summary: SummaryText[]; status: ItemStatus }
  | { id: string; type: 'message'; role: 'assistant'; content: ContentPart[]; status: ItemStatus }
  | CallItem;

interface ItemPosition {
  item_id: string;
  output_index: number;
}
interface ContentPosition extends ItemPosition {
  content_index: number;
}
interface SummaryPosition extends ItemPosition {
  summary_index: 0;
}

/** An event about one item. */
export type ItemEvent =
  | { type: 'response.output_item.added'; output_index: number; item: ResponseItem }
  | { type: 'response.output_item.done'; output_index: number; item: ResponseItem }
  | ({ type: 'response.content_part.added'; part: ContentPart } & ContentPosition)
  | ({ type: 'response.content_part.done'; part: ContentPart } & ContentPosition)
  | ({ type: 'response.output_text.delta'; delta: string; logprobs: TokenLogprob[] } & ContentPosition)
  | ({ type: 'response.output_text.done'; text: string; logprobs: TokenLogprob[] } & ContentPosition)
  | ({
      type: 'response.output_text.annotation.added';
      annotation: Annotation;
      annotation_index: number;
    } & ContentPosition)
  | ({ type: 'response.refusal.delta'; delta: string } & ContentPosition)
  | ({ type: 'response.refusal.done'; refusal: string } & ContentPosition)
  | ({ type: 'response.reasoning_summary_part.added'; part: SummaryText } & SummaryPosition)
  | ({ type: 'response.reasoning_summary_part.done'; part: SummaryText } & SummaryPosition)
  | ({ type: 'response.reasoning_summary_text.delta'; delta: string } & SummaryPosition)
  | ({ type: 'response.reasoning_summary_text.done'; text: string } & SummaryPosition)
  | CallItemEvent;

/** Accumulates the content of one item and returns its events. */
export interface ItemAccumulator<Event> {
  open(): ItemEvent[];
  add(event: Event): ItemEvent[];
  close(status: ItemStatus): ItemEvent[];
  /** Returns the item with its current content. */
  item(status: ItemStatus): ResponseItem;
}

interface CallFields {
  id: string;
  call_id: string;
  status: ItemStatus;
}
type NamedCall = CallFields & { name: string; namespace?: string };

type PatchCall = Extract<ClientCallFields, { type: 'apply_patch_call' }>;

/** A call of a tool in the output. */
export type CallItem =
  | (NamedCall & { type: 'function_call'; arguments: string })
  | (NamedCall & { type: 'custom_tool_call'; input: string })
  | (CallFields & Exclude<ClientCallFields, PatchCall>)
  /** A patch has no status for a call that is incomplete. */
  | (Omit<CallFields, 'status'> & PatchCall & { status: Exclude<ItemStatus, 'incomplete'> });

/** An event about the arguments of a call. Calls of client tools have none. */
type CallItemEvent =
  | ({ type: 'response.function_call_arguments.delta'; delta: string } & ItemPosition)
  | ({ type: 'response.function_call_arguments.done'; name: string; arguments: string } & ItemPosition)
  | ({ type: 'response.custom_tool_call_input.delta'; delta: string } & ItemPosition)
  | ({ type: 'response.custom_tool_call_input.done'; input: string } & ItemPosition);
