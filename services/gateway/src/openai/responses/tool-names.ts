import { createHash } from 'node:crypto';

/** A tool as the client knows it. */
export interface ToolIdentity {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The names of one request's tools at the provider, which supports only functions without namespaces. */
export interface ToolNames {
  /** Returns the provider's name of a tool, the same for each call. */
  toChatName(tool: ToolIdentity): string;
  /** Returns the tool with this name at the provider. Unknown names count as functions. */
  toTool(chatName: string): ToolIdentity;
}

/** The names of functions that OpenAI accepts in chat completions. */
const CHAT_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const HASH_CHARACTERS = 8;

/** Creates the names. `functions` keep their names, and no other tool gets one of them. */
export function createToolNames(functions: readonly ToolIdentity[]): ToolNames {
  /** By the name at the provider. */
  const tools = new Map<string, ToolIdentity>();
  const otherNames = new Map<string, string>();

  function toChatName(tool: ToolIdentity): string {
    const { name, namespace } = tool;
    const holder = tools.get(name);
    if (holder ? isSame(holder, tool) : namespace === undefined && CHAT_NAME.test(name)) {
      if (!holder) tools.set(name, tool);
      return name;
    }
    return toOtherName(tool);
  }

  /** Returns the name of a tool that cannot keep its own. */
  function toOtherName(tool: ToolIdentity): string {
    const key = `${tool.kind}\n${tool.namespace ?? ''}\n${tool.name}`;
    const known = otherNames.get(key);
    if (known !== undefined) return known;
    const preferred = tool.namespace === undefined ? tool.name : `${tool.namespace}__${tool.name}`;
    let name = preferred;
    for (let salt = ''; tools.has(name) || !CHAT_NAME.test(name); salt += '.') name = hashedName(preferred, key + salt);
    otherNames.set(key, name);
    tools.set(name, tool);
    return name;
  }

  for (const tool of functions) toChatName(tool);
  return {
    toChatName,
    toTool: (chatName) => tools.get(chatName) ?? { kind: 'function', name: chatName },
  };
}

function isSame(one: ToolIdentity, other: ToolIdentity): boolean {
  return one.name === other.name && one.kind === other.kind && one.namespace === other.namespace;
}

function hashedName(preferred: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_CHARACTERS);
  return `${preferred.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64 - HASH_CHARACTERS - 1)}_${hash}`;
}
