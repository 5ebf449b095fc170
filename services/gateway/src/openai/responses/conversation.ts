import type { ChatPart } from './input-content.ts';
import { unsupportedFieldError } from './responses-request.ts';

/** A message of a chat completion with the fields that the contracts' schema does not list. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | ChatPart[] | null;
  refusal?: string;
  tool_calls?: ChatToolCall[];
  tool_call_id?: string;
}

interface ChatToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** Builds the messages of a chat completion from the items of an input, in the order that providers require. */
export interface Conversation {
  addMessage(role: 'system' | 'user', content: string | ChatPart[]): void;
  addAssistantText(added: { text: string | null; refusal: string | null }): void;
  /**
   * `itemId` also identifies the call, because the outputs of some tools name the item. Throws `BAD_REQUEST` for an id of
   * another call of the turn, because the outputs could not be told apart.
   */
  addCall(call: { id: string; name: string; arguments: string }, itemId?: string): void;
  /** Adds the output of a call. Throws `BAD_REQUEST` when no call without output has this id. */
  addOutput(callId: string, output: readonly ChatPart[]): void;
  /** Returns the messages. Throws `BAD_REQUEST` for a call without output. */
  end(): ChatMessage[];
}

interface PendingCall {
  readonly id: string;
  hasOutput: boolean;
}

/**
 * Creates a conversation. Chat completions have one message for each assistant turn, followed directly by the
 * outputs of all its calls. Items between a call and its output move behind the last output of the turn.
 */
export function createConversation(): Conversation {
  const messages: ChatMessage[] = [];
  /** The calls of the last assistant turn that have no output yet, in order. */
  const pending = new Set<PendingCall>();
  /** The same calls by each of their ids, which a session can repeat. Some already have an output. */
  const pendingById = new Map<string, PendingCall[]>();
  /** The message with the pending calls. */
  let calling: ChatMessage | undefined;
  const callIds = new Set<string>();
  /** Messages that wait for the last output. */
  const delayed: ChatMessage[] = [];
  /** Images and files in outputs, which only user messages can contain. */
  const attachments: ChatPart[] = [];

  function add(message: ChatMessage): void {
    (pending.size > 0 ? delayed : messages).push(message);
  }

  /** Returns the message of the current assistant turn, before the first tool output. */
  function assistantMessage(list: ChatMessage[]): ChatMessage {
    const last = list.at(-1);
    if (last?.role === 'assistant') return last;
    const message: ChatMessage = { role: 'assistant', content: null };
    list.push(message);
    return message;
  }

  /** Returns the first pending call with this id. */
  function takePending(id: string): PendingCall | undefined {
    const calls = pendingById.get(id) ?? [];
    let call = calls.shift();
    while (call?.hasOutput) call = calls.shift();
    if (!call) return undefined;
    call.hasOutput = true;
    pending.delete(call);
    return call;
  }

  function flush(): void {
    pendingById.clear();
    if (attachments.length > 0) messages.push({ role: 'user', content: attachments.splice(0) });
    messages.push(...delayed.splice(0));
  }

  return {
    addMessage: (role, content) => add({ role, content }),
    addAssistantText({ text, refusal }) {
      if (text === null && refusal === null) return;
      const hasOutput = messages.at(-1)?.role === 'tool';
      const message = assistantMessage(pending.size > 0 && (hasOutput || delayed.length > 0) ? delayed : messages);
      if (text !== null) message.content = typeof message.content === 'string' ? `${message.content}\n${text}` : text;
      if (refusal !== null) message.refusal = message.refusal === undefined ? refusal : `${message.refusal}\n${refusal}`;
    },
    addCall({ id, name, arguments: callArguments }, itemId) {
      // Later calls of the same turn belong to its message, even after an output.
      if (pending.size === 0 || !calling) {
        calling = assistantMessage(messages);
        callIds.clear();
      }
      if (callIds.has(id)) throw unsupportedFieldError('input', `Several tool calls of one turn have the call_id ${id}.`);
      callIds.add(id);
      calling.tool_calls ??= [];
      calling.tool_calls.push({ id, type: 'function', function: { name, arguments: callArguments } });
      const call: PendingCall = { id, hasOutput: false };
      pending.add(call);
      for (const each of new Set([id, itemId])) {
        if (each === undefined) continue;
        const calls = pendingById.get(each);
        if (calls) calls.push(call);
        else pendingById.set(each, [call]);
      }
    },
    addOutput(callId, output) {
      const call = takePending(callId);
      if (!call) throw unsupportedFieldError('input', `No tool call found for the tool output with call_id ${callId}.`);
      const texts = output.flatMap((part) => (part.type === 'text' ? part.text : []));
      const others = output.filter(({ type }) => type !== 'text');
      if (others.length > 0) {
        attachments.push({ type: 'text', text: `Attachments of the output of the tool call ${call.id}:` }, ...others);
        if (texts.length === 0) texts.push('The output is attached to the next user message.');
      }
      messages.push({ role: 'tool', tool_call_id: call.id, content: texts.join('\n') });
      if (pending.size === 0) flush();
    },
    end() {
      const [call] = pending;
      if (call) throw unsupportedFieldError('input', `No tool output found for the tool call ${call.id}.`);
      return messages;
    },
  };
}
