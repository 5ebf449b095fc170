import { IMPORT_LIMITS, type ImportReport, importReportSchema } from '@prodigon/contracts/conversations';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';

const report: ImportReport = {
  formats: ['chatgpt'],
  imported: 1,
  unchanged: 0,
  failed: 1,
  replaced_characters: 0,
  conversations: [{ id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e', title: 'Backpressure', messages: 2 }],
  failures: [
    {
      where: 'conversations.json[17]',
      title: 'Broken',
      code: 'VALIDATION_ERROR',
      message: 'The conversation has no messages: `mapping` is missing.',
    },
  ],
};
const conversation = {
  uuid: '6f2b8a1c-4d5e-4c3b-9d0e-01989f3e2a54',
  name: 'Backpressure',
  chat_messages: [
    { uuid: 'm-1', sender: 'human', text: 'What is backpressure?' },
    { uuid: 'm-2', sender: 'assistant', text: 'A slow reader slows its writer down.' },
  ],
};

export const importConversations = {
  operationId: 'importConversations',
  tag: 'conversations',
  summary: 'Import conversations',
  description: [
    `Send a file of at most ${IMPORT_LIMITS.fileBytesMax / 2 ** 30} GiB as the body: an export of Prodigon, ChatGPT, Claude, LibreChat or Open WebUI, as JSON, JSON Lines or a ZIP archive.`,
    'The content decides the format, not the name or the media type. All branches are imported, and the one that was shown is shown again.',
    'The report names the conversations that failed; they do not stop the others. Another import of the same file stores nothing twice.',
  ].join('\n\n'),
  body: {
    'application/octet-stream': {
      schema: z.string().meta({ format: 'binary' }),
      examples: { claude: JSON.stringify([conversation]) },
    },
  },
  responses: {
    200: {
      description: 'What was imported',
      content: { 'application/json': { schema: importReportSchema, examples: { report } } },
    },
  },
  errors: ['CONFLICT', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS],
} satisfies Operation;
