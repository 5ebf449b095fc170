import type { ContentEvent } from '@prodigon/ports';
import type { ItemAccumulator, ItemEvent, ItemStatus, ResponseItem, SummaryText } from './item-events.ts';
import { type Annotation, type ContentPart, type OutputText, toLogprobs } from './response-content.ts';

type MessageEvent = Extract<ContentEvent, { type: 'text' | 'refusal' }> | { type: 'annotation'; annotation: Annotation };

/** Creates a message. Its text and its refusal are separate parts. */
export function createMessageItem(item_id: string, output_index: number): ItemAccumulator<MessageEvent> {
  const parts: ContentPart[] = [];
  const position = () => ({ item_id, output_index, content_index: parts.length - 1 });
  const item = (status: ItemStatus): ResponseItem => ({
    id: item_id,
    type: 'message',
    role: 'assistant',
    status,
    content: parts.map(snapshot),
  });

  function openPart(part: ContentPart, events: ItemEvent[]): void {
    closePart(events);
    parts.push(part);
    events.push({ type: 'response.content_part.added', ...position(), part: snapshot(part) });
  }

  function closePart(events: ItemEvent[]): void {
    const part = parts.at(-1);
    if (!part) return;
    const at = position();
    if (part.type === 'refusal') events.push({ type: 'response.refusal.done', ...at, refusal: part.refusal });
    else events.push({ type: 'response.output_text.done', ...at, text: part.text, logprobs: [...part.logprobs] });
    events.push({ type: 'response.content_part.done', ...at, part: snapshot(part) });
  }

  function textPart(events: ItemEvent[]): OutputText {
    const last = parts.at(-1);
    if (last?.type === 'output_text') return last;
    const part: OutputText = { type: 'output_text', text: '', annotations: [], logprobs: [] };
    openPart(part, events);
    return part;
  }

  function addRefusal(delta: string, events: ItemEvent[]): void {
    if (parts.at(-1)?.type !== 'refusal') openPart({ type: 'refusal', refusal: '' }, events);
    const part = parts.at(-1);
    if (part?.type === 'refusal') part.refusal += delta;
    events.push({ type: 'response.refusal.delta', ...position(), delta });
  }

  return {
    item,
    open: () => [{ type: 'response.output_item.added', output_index, item: item('in_progress') }],
    add(event) {
      const events: ItemEvent[] = [];
      if (event.type === 'refusal') addRefusal(event.text, events);
      else if (event.type === 'text') {
        const part = textPart(events);
        part.text += event.text;
        const logprobs = event.logprobs ? toLogprobs(event.logprobs) : [];
        part.logprobs.push(...logprobs);
        events.push({ type: 'response.output_text.delta', ...position(), delta: event.text, logprobs });
      } else {
        const { annotations } = textPart(events);
        const annotation_index = annotations.push(event.annotation) - 1;
        const { annotation } = event;
        events.push({ type: 'response.output_text.annotation.added', ...position(), annotation_index, annotation });
      }
      return events;
    },
    close(status) {
      const events: ItemEvent[] = [];
      closePart(events);
      events.push({ type: 'response.output_item.done', output_index, item: item(status) });
      return events;
    },
  };
}

/** Events must not change when the part grows. */
function snapshot(part: ContentPart): ContentPart {
  if (part.type === 'refusal') return { ...part };
  return { ...part, annotations: [...part.annotations], logprobs: [...part.logprobs] };
}

/** Creates a reasoning item. Its summary contains the reasoning text, because clients read it there. */
export function createReasoningItem(
  item_id: string,
  output_index: number,
): ItemAccumulator<Extract<ContentEvent, { type: 'reasoning' }>> {
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
    add({ text: delta }) {
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
