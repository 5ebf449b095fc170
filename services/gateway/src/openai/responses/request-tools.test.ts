import { describe, expect, it } from 'vitest';
import { readTools } from './request-tools.ts';
import { responsesRequestSchema } from './responses-request.ts';

const toolsOf = (body: Record<string, unknown>) => readTools(responsesRequestSchema.parse({ input: 'Hi', ...body }));
const namesOf = (body: Record<string, unknown>) =>
  (toolsOf(body).chatFields.tools as { function: { name: string } }[]).map((tool) => tool.function.name);
const refusal = (path: string) =>
  expect.objectContaining({ code: 'BAD_REQUEST', details: [{ path, message: expect.any(String) }] });

const lookup = { type: 'function', name: 'lookup', parameters: { type: 'object' } };
const patch = { type: 'custom', name: 'patch', description: 'Applies a patch.' };
const notes = { type: 'namespace', name: 'notes', description: 'Notes.', tools: [lookup, patch] };
const webSearch = { type: 'web_search', external_web_access: false };

describe('tools of a Responses request', () => {
  it('become functions with names that map back to the tool and its namespace', () => {
    const { names, chatFields } = toolsOf({ tools: [notes, lookup, patch, { type: 'local_shell' }] });
    const chatNames = (chatFields.tools as { function: { name: string } }[]).map((tool) => tool.function.name);
    expect(chatNames).toEqual(['notes__lookup', 'notes__patch', 'lookup', 'patch', 'local_shell']);
    expect(chatNames.map(names.toTool)).toMatchObject([
      { kind: 'function', namespace: 'notes', name: 'lookup' },
      { kind: 'custom', namespace: 'notes', name: 'patch' },
      { kind: 'function', name: 'lookup' },
      { kind: 'custom', name: 'patch' },
      { kind: 'local_shell', name: 'local_shell' },
    ]);
  });

  it.each([
    ['a function with the name of a nested one', [notes, { ...lookup, name: 'notes__lookup' }]],
    ['a function and a custom tool of one name', [patch, { ...lookup, name: 'patch' }]],
    [
      'namespaces whose names join equally',
      [
        { ...notes, name: 'a__b' },
        { ...notes, name: 'a', tools: [{ ...lookup, name: 'b__lookup' }] },
      ],
    ],
    ['long names with the same start', [{ ...notes, name: 'n'.repeat(60), tools: [lookup, { ...lookup, name: 'lookup2' }] }]],
    [
      'a function with a long name',
      [
        { ...lookup, name: 'n'.repeat(128) },
        { ...lookup, name: 'n'.repeat(127) },
      ],
    ],
    [
      'a custom tool and a namespace with a dot',
      [
        { ...patch, name: 'fs.patch' },
        { ...notes, name: 'fs.patch' },
      ],
    ],
    ['a custom tool with the name of a shell', [{ type: 'local_shell' }, { ...patch, name: 'local_shell' }]],
  ])('have distinct names that providers accept: %s', (_case, tools) => {
    const names = namesOf({ tools });
    expect(new Set(names).size).toBe(tools.flatMap((tool) => ('tools' in tool ? tool.tools : [tool])).length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(namesOf({ tools })).toEqual(names);
  });

  it('keep the name of a function when a nested tool would have the same', () => {
    expect(namesOf({ tools: [notes, { ...lookup, name: 'notes__lookup' }] })[2]).toBe('notes__lookup');
  });

  it('carry the description of a namespace in its first tool, and the grammar of a custom tool', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
    const { chatFields } = toolsOf({
      tools: [
        { ...notes, tools: [{ ...lookup, description: 'Looks up.' }] },
        { ...patch, format },
      ],
    });
    expect(chatFields.tools).toMatchObject([
      { function: { description: 'Notes.\n\nLooks up.' } },
      {
        function: {
          description: 'Applies a patch.\n\nThe input must match this lark grammar:\nstart: "x"',
          parameters: { properties: { input: { type: 'string' } }, required: ['input'] },
        },
      },
    ]);
  });

  it('include those that the input adds, and the last definition of a tool', () => {
    const added = { type: 'additional_tools', role: 'developer', tools: [notes, { ...lookup, description: 'Newer' }] };
    const { chatFields } = toolsOf({ tools: [lookup], input: [added, { role: 'user', content: 'Hi' }] });
    expect(chatFields.tools).toMatchObject([
      { function: { name: 'lookup', description: 'Newer' } },
      { function: { name: 'notes__lookup' } },
      { function: { name: 'notes__patch' } },
    ]);
  });

  it.each(['auto', 'none', undefined])('leave out those that run at OpenAI with the choice %s', (tool_choice) => {
    const tools = [
      webSearch,
      lookup,
      { type: 'file_search', vector_store_ids: [] },
      { type: 'shell', environment: { type: 'container_auto' } },
    ];
    const { chatFields, ignoredTypes } = toolsOf({ tools: [...tools, webSearch], tool_choice });
    expect(ignoredTypes).toEqual(['web_search', 'file_search', 'shell']);
    expect(chatFields).toEqual({
      tools: [{ type: 'function', function: { name: 'lookup', parameters: { type: 'object' } } }],
      ...(tool_choice && { tool_choice }),
    });
    expect(toolsOf({ tools: [webSearch], tool_choice }).chatFields).toEqual({});
  });

  it.each([
    ['a nested function', { type: 'function', name: 'lookup', namespace: 'notes' }, 'notes__lookup'],
    ['a direct function before a nested one', { type: 'function', name: 'lookup' }, 'lookup'],
    ['a custom tool', { type: 'custom', name: 'patch' }, 'patch'],
    ['a shell', { type: 'local_shell' }, 'local_shell'],
  ])('are chosen by their name at the provider: %s', (_case, tool_choice, name) => {
    const { chatFields } = toolsOf({ tools: [notes, lookup, patch, { type: 'local_shell' }], tool_choice });
    expect(chatFields.tool_choice).toEqual({ type: 'function', function: { name } });
  });

  it('are limited to the allowed ones', () => {
    const tools = [notes, lookup, patch, webSearch];
    const allowed = (mode: string, ...names: object[]) => ({ tools, tool_choice: { type: 'allowed_tools', mode, tools: names } });
    expect(namesOf(allowed('required', { type: 'custom', name: 'patch' }))).toEqual(['patch']);
    expect(namesOf(allowed('auto', { type: 'namespace', name: 'notes' }, { type: 'web_search' }))).toEqual([
      'notes__lookup',
      'notes__patch',
    ]);
    expect(namesOf(allowed('auto', { type: 'custom', name: 'patch' }, { type: 'web_search', name: null }))).toEqual(['patch']);
    expect(() => toolsOf(allowed('required', { type: 'web_search' }))).toThrow(refusal('tool_choice.tools[0].type'));
    expect(() => toolsOf(allowed('auto', { type: 'function', name: 'other' }))).toThrow(refusal('tool_choice.tools[0]'));
  });

  it.each([
    ['an MCP server', { tools: [{ type: 'mcp', server_label: 's' }] }, 'tools[0].type'],
    ['an MCP server in the input', { input: [{ type: 'additional_tools', tools: [{ type: 'mcp' }] }] }, 'input[0].tools[0].type'],
    ['an unknown type', { tools: [lookup, { type: 'telepathy' }] }, 'tools[1].type'],
    ['a hosted tool in a namespace', { tools: [{ ...notes, tools: [webSearch] }] }, 'tools[0].tools[0].type'],
    ['a nested function without a name', { tools: [{ ...notes, tools: [{ type: 'function' }] }] }, 'tools[0].tools[0].name'],
    ['a function with a dot in its name', { tools: [{ ...lookup, name: 'a.b' }] }, 'tools[0].name'],
    ['a name with a space', { tools: [{ ...lookup, name: 'look up' }] }, 'tools[0].name'],
    ['a name that is too long', { tools: [{ ...lookup, name: 'n'.repeat(129) }] }, 'tools[0].name'],
    [
      'an unknown grammar',
      { tools: [{ ...patch, format: { type: 'grammar', syntax: 'x', definition: '' } }] },
      'tools[0].format.syntax',
    ],
    ['a required call beside a hosted tool', { tools: [lookup, webSearch], tool_choice: 'required' }, 'tools[1].type'],
    [
      'a required call without allowed tools',
      { tools: [lookup], tool_choice: { type: 'allowed_tools', mode: 'required', tools: [] } },
      'tool_choice',
    ],
    ['a required call without tools', { tool_choice: 'required' }, 'tool_choice'],
    ['the choice of a hosted tool', { tools: [lookup, webSearch], tool_choice: { type: 'web_search' } }, 'tool_choice.type'],
    [
      'the choice of a function that is missing',
      { tools: [lookup], tool_choice: { type: 'function', name: 'other' } },
      'tool_choice',
    ],
    [
      'the choice of a custom tool as a function',
      { tools: [patch], tool_choice: { type: 'function', name: 'patch' } },
      'tool_choice',
    ],
  ])('are rejected with the name of the field: %s', (_case, body, path) => {
    expect(() => toolsOf(body)).toThrow(refusal(path));
  });
});
