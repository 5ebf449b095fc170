export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';
type OutputText = { type: 'output_text'; text: string; annotations: []; logprobs: [] };
type SummaryText = { type: 'summary_text'; text: string };

/** One item of a response's output. */
export type ResponseItem =
  | { id: string; type: 'reasoning'; summary: SummaryText[]; status: ItemStatus }
  | { id: string; type: 'message'; role: 'assistant'; content: OutputText[]; status: ItemStatus }
  | { id: string; type: 'function_call'; call_id: string; name: string; arguments: string; status: ItemStatus };

interface ItemPosition {
  item_id: string;
  output_index: number;
}
interface ContentPosition extends ItemPosition {
  content_index: 0;
}
interface SummaryPosition extends ItemPosition {
  summary_index: 0;
}

/** An event about one item. */
export type ItemEvent =
  | { type: 'response.output_item.added'; output_index: number; item: ResponseItem }
  | { type: 'response.output_item.done'; output_index: number; item: ResponseItem }
  | ({ type: 'response.content_part.added'; part: OutputText } & ContentPosition)
  | ({ type: 'response.content_part.done'; part: OutputText } & ContentPosition)
  | ({ type: 'response.output_text.delta'; delta: string; logprobs: [] } & ContentPosition)
  | ({ type: 'response.output_text.done'; text: string; logprobs: [] } & ContentPosition)
  | ({ type: 'response.reasoning_summary_part.added'; part: SummaryText } & SummaryPosition)
  | ({ type: 'response.reasoning_summary_part.done'; part: SummaryText } & SummaryPosition)
  | ({ type: 'response.reasoning_summary_text.delta'; delta: string } & SummaryPosition)
  | ({ type: 'response.reasoning_summary_text.done'; text: string } & SummaryPosition)
  | ({ type: 'response.function_call_arguments.delta'; delta: string } & ItemPosition)
  | ({ type: 'response.function_call_arguments.done'; name: string; arguments: string } & ItemPosition);

/** Accumulates the deltas of one item and returns its events. */
export interface ItemAccumulator {
  open(): ItemEvent[];
  append(delta: string): ItemEvent[];
  close(status: ItemStatus): ItemEvent[];
  /** Returns the item with its current content. */
  item(status: ItemStatus): ResponseItem;
}

export function createMessageItem(item_id: string, output_index: number): ItemAccumulator {
  let text = '';
  const at = { item_id, output_index, content_index: 0 } as const;
  const part = (): OutputText => ({ type: 'output_text', text, annotations: [], logprobs: [] });
  const item = (status: ItemStatus): ResponseItem => {
    const content = status === 'in_progress' && text === '' ? [] : [part()];
    return { id: item_id, type: 'message', role: 'assistant', status, content };
  };
  return {
    item,
    open: () => [
      { type: 'response.output_item.added', output_index, item: item('in_progress') },
      { type: 'response.content_part.added', ...at, part: part() },
    ],
    append(delta) {
      text += delta;
      return [{ type: 'response.output_text.delta', ...at, delta, logprobs: [] }];
    },
    close: (status) => [
      { type: 'response.output_text.done', ...at, text, logprobs: [] },
      { type: 'response.content_part.done', ...at, part: part() },
      { type: 'response.output_item.done', output_index, item: item(status) },
    ],
  };
}

/** Creates a reasoning item. Its summary contains the reasoning text, because clients read it there. */
export function createReasoningItem(item_id: string, output_index: number): ItemAccumulator {
  let text = '';
  const at = { item_id, output_index, summary_index: 0 } as const;
  const part = (): SummaryText => ({ type: 'summary_text', text });
  const item = (status: ItemStatus): ResponseItem => {
    const summary = status === 'in_progress' && text === '' ? [] : [part()];
    return { id: item_id, type: 'reasoning', status, summary };
  };
  return {
    item,
    open: () => [
      { type: 'response.output_item.added', output_index, item: item('in_progress') },
      { type: 'response.reasoning_summary_part.added', ...at, part: part() },
    ],
    append(delta) {
      text += delta;
      return [{ type: 'response.reasoning_summary_text.delta', ...at, delta }];
    },
    close: (status) => [
      { type: 'response.reasoning_summary_text.done', ...at, text },
      { type: 'response.reasoning_summary_part.done', ...at, part: part() },
      { type: 'response.output_item.done', output_index, item: item(status) },
    ],
  };
}

export function createFunctionCallItem(
  item_id: string,
  output_index: number,
  { call_id, name }: { call_id: string; name: string },
): ItemAccumulator {
  let callArguments = '';
  const at = { item_id, output_index };
  const item = (status: ItemStatus): ResponseItem => {
    return { id: item_id, type: 'function_call', call_id, name, arguments: callArguments, status };
  };
  return {
    item,
    open: () => [{ type: 'response.output_item.added', output_index, item: item('in_progress') }],
    append(delta) {
      callArguments += delta;
      return delta === '' ? [] : [{ type: 'response.function_call_arguments.delta', ...at, delta }];
    },
    close: (status) => [
      { type: 'response.function_call_arguments.done', ...at, name, arguments: callArguments },
      { type: 'response.output_item.done', output_index, item: item(status) },
    ],
  };
}
