export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';
type OutputText = { type: 'output_text'; text: string; annotations: []; logprobs: [] };
type SummaryText = { type: 'summary_text'; text: string };

/** A part of an answer: what the model thought, said or wants to be called. */
export type ResponseItem =
  | { id: string; type: 'reasoning'; summary: SummaryText[]; status: ItemStatus }
  | { id: string; type: 'message'; role: 'assistant'; content: OutputText[]; status: ItemStatus }
  | { id: string; type: 'function_call'; call_id: string; name: string; arguments: string; status: ItemStatus };

interface At {
  item_id: string;
  output_index: number;
}
interface InContent extends At {
  content_index: 0;
}
interface InSummary extends At {
  summary_index: 0;
}

/** What is told about an item while it grows. */
export type ItemEvent =
  | { type: 'response.output_item.added'; output_index: number; item: ResponseItem }
  | { type: 'response.output_item.done'; output_index: number; item: ResponseItem }
  | ({ type: 'response.content_part.added'; part: OutputText } & InContent)
  | ({ type: 'response.content_part.done'; part: OutputText } & InContent)
  | ({ type: 'response.output_text.delta'; delta: string; logprobs: [] } & InContent)
  | ({ type: 'response.output_text.done'; text: string; logprobs: [] } & InContent)
  | ({ type: 'response.reasoning_summary_part.added'; part: SummaryText } & InSummary)
  | ({ type: 'response.reasoning_summary_part.done'; part: SummaryText } & InSummary)
  | ({ type: 'response.reasoning_summary_text.delta'; delta: string } & InSummary)
  | ({ type: 'response.reasoning_summary_text.done'; text: string } & InSummary)
  | ({ type: 'response.function_call_arguments.delta'; delta: string } & At)
  | ({ type: 'response.function_call_arguments.done'; name: string; arguments: string } & At);

/** An item that grows piece by piece, and the events that tell of it. */
export interface GrowingItem {
  open(): ItemEvent[];
  append(delta: string): ItemEvent[];
  close(status: ItemStatus): ItemEvent[];
  /** As it is by now. */
  item(status: ItemStatus): ResponseItem;
}

export function createMessageItem(item_id: string, output_index: number): GrowingItem {
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

/** What a provider shows of its thinking is told as its summary, which is where clients look for it. */
export function createReasoningItem(item_id: string, output_index: number): GrowingItem {
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
): GrowingItem {
  let given = '';
  const at = { item_id, output_index };
  const item = (status: ItemStatus): ResponseItem => {
    return { id: item_id, type: 'function_call', call_id, name, arguments: given, status };
  };
  return {
    item,
    open: () => [{ type: 'response.output_item.added', output_index, item: item('in_progress') }],
    append(delta) {
      given += delta;
      return delta === '' ? [] : [{ type: 'response.function_call_arguments.delta', ...at, delta }];
    },
    close: (status) => [
      { type: 'response.function_call_arguments.done', ...at, name, arguments: given },
      { type: 'response.output_item.done', output_index, item: item(status) },
    ],
  };
}
