import { storableText } from '@prodigon/contracts';
import type { MessagePart, TurnEventData } from '@prodigon/contracts/conversations';
import { sseFrame } from '@prodigon/platform';
import type { ContentEvent } from '@prodigon/ports';

interface ToolCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
}

/** A piece of the response. Neighbors may have the same kind. */
interface Run {
  readonly kind: 'text' | 'reasoning' | 'tool_call';
  /** Set for tool calls. */
  readonly call: ToolCall | undefined;
  /** Position of the first code unit. */
  readonly position: number;
  readonly text: string;
}

/** A reader's place in the response: the next run, and the code units of it that were read. */
export interface TextCursor {
  readonly run: number;
  readonly offset: number;
}

/** Code units of one event. A reader that catches up gets several events. */
const EVENT_CODE_UNITS_MAX = 32_768;

/**
 * The response of a model, by position. Text that has arrived becomes visible with `commit`, so that all text of one turn
 * of the event loop is one event. Every reader has a cursor, and continues at its own pace.
 */
export class ResponseText {
  /** Position of the end of the visible text. */
  length = 0;
  readonly #generationId: string;
  readonly #runs: Run[] = [];
  #arrived: { kind: Run['kind']; call: ToolCall | undefined; text: string }[] = [];
  readonly #calls = new Map<number, ToolCall>();
  #callCount = 0;
  #latest: { run: number; offset: number; frame: string; next: TextCursor } | undefined;

  constructor(generationId: string) {
    this.#generationId = generationId;
  }

  static ofParts(generationId: string, parts: readonly MessagePart[]): ResponseText {
    const text = new ResponseText(generationId);
    const ids: string[] = [];
    for (const part of parts) {
      if (part.type === 'text' || part.type === 'reasoning') text.#add(part.type, undefined, part.text);
      if (part.type !== 'tool_call') continue;
      if (!ids.includes(part.id)) ids.push(part.id);
      text.#add('tool_call', { index: ids.indexOf(part.id), id: part.id, name: part.name }, part.arguments);
    }
    text.commit({ isEnd: true });
    return text;
  }

  /** Adds text that `commit` makes visible. */
  append(event: ContentEvent): void {
    if (event.type === 'text' || event.type === 'refusal') this.#add('text', undefined, event.text);
    else if (event.type === 'reasoning') this.#add('reasoning', undefined, event.text);
    else if (event.type === 'tool_call') this.#add('tool_call', this.#callOf(event), event.argumentsDelta);
  }

  /** Makes the text that has arrived visible. Returns whether there was any. */
  commit({ isEnd = false } = {}): boolean {
    const arrived = this.#arrived;
    const last = arrived.at(-1);
    if (!last) return false;
    this.#arrived = [];
    // The second half of a character may arrive later.
    if (!isEnd && isHighSurrogate(last.text.charCodeAt(last.text.length - 1))) {
      this.#arrived.push({ ...last, text: last.text.slice(-1) });
      last.text = last.text.slice(0, -1);
      if (last.text === '') arrived.pop();
    }
    for (const { kind, call, text } of arrived) {
      this.#runs.push({ kind, call, position: this.length, text: storableText(text) });
      this.length += text.length;
    }
    return arrived.length > 0;
  }

  /** Returns the parts from a position on. */
  partsFrom(position: number): MessagePart[] {
    const parts: MessagePart[] = [];
    let cursor = this.cursorAt(position);
    for (;;) {
      const merged = this.#merge(cursor, Number.POSITIVE_INFINITY);
      if (!merged) return parts;
      const { kind, call, text } = merged;
      if (call) parts.push({ type: 'tool_call', id: call.id, name: call.name, arguments: text });
      else if (kind !== 'tool_call') parts.push({ type: kind, text });
      cursor = merged.next;
    }
  }

  /** Returns the cursor of a reader that has received everything before the position. */
  cursorAt(position: number): TextCursor {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle] as Run;
      // The beginning of a tool call may be empty, so a reader at its position gets it again.
      if (run.position >= position || run.position + run.text.length > position) high = middle;
      else low = middle + 1;
    }
    const run = this.#runs[low];
    return { run: low, offset: run ? Math.max(0, position - run.position) : 0 };
  }

  /** Returns the next event of a reader; undefined at the end of the visible text. Readers at the same place share it. */
  frameAt({ run, offset }: TextCursor): { readonly frame: string; readonly next: TextCursor } | undefined {
    if (this.#latest?.run === run && this.#latest.offset === offset) return this.#latest;
    const merged = this.#merge({ run, offset }, EVENT_CODE_UNITS_MAX);
    if (!merged) return undefined;
    const { kind, call, text, next, end } = merged;
    const data: TurnEventData<'token' | 'tool_call'> = call ? { ...call, arguments_delta: text } : text;
    const frame = sseFrame(kind === 'text' ? 'token' : kind, data, `${this.#generationId}:${end}`);
    const result = { run, offset, frame, next };
    // Text that follows would extend the event of an earlier place.
    if (next.run === this.#runs.length) this.#latest = result;
    return result;
  }

  #add(kind: Run['kind'], call: ToolCall | undefined, text: string): void {
    const last = this.#arrived.at(-1);
    if (last && last.kind === kind && last.call === call) last.text += text;
    else if (text !== '' || call) this.#arrived.push({ kind, call, text });
  }

  #callOf({ index, id, name }: Extract<ContentEvent, { type: 'tool_call' }>): ToolCall {
    const known = this.#calls.get(index);
    if (known && (id === undefined || id === known.id)) return known;
    const number = this.#callCount++;
    const call = { index: number, id: storableText(id ?? `call_${number}`), name: storableText(name ?? '') };
    this.#calls.set(index, call);
    return call;
  }

  /** Joins the text of one kind from a cursor on. */
  #merge({ run: first, offset }: TextCursor, codeUnitsMax: number) {
    const start = this.#runs[first];
    if (!start) return undefined;
    const { kind, call } = start;
    let text = offset === 0 ? start.text : start.text.slice(offset);
    let run = first + 1;
    for (; text.length < codeUnitsMax; run += 1) {
      const following = this.#runs[run];
      if (!following || following.kind !== kind || following.call?.id !== call?.id) break;
      text += following.text;
    }
    const end = start.position + offset + text.length;
    if (text.length <= codeUnitsMax) return { kind, call, text, end, next: { run, offset: 0 } };
    const cut = isHighSurrogate(text.charCodeAt(codeUnitsMax - 1)) ? codeUnitsMax - 1 : codeUnitsMax;
    const last = this.#runs[run - 1] as Run;
    const position = end - (text.length - cut);
    return { kind, call, text: text.slice(0, cut), end: position, next: { run: run - 1, offset: position - last.position } };
  }
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}
