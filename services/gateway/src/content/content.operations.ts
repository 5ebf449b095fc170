import {
  type ContentDocument,
  type ContentTree,
  contentDocumentSchema,
  contentTreeSchema,
  type SourceFile,
  type SourceFolder,
  sourceSchema,
} from '@prodigon/contracts';
import type { Operation } from '@prodigon/platform';
import { z } from 'zod';

export const contentSchema = z.union([contentTreeSchema, contentDocumentSchema]);

const examples = {
  pages: { entries: [{ path: 'docs/guide/01-rest-vs-grpc.md', title: 'REST and gRPC' }] } satisfies ContentTree,
  page: { path: 'docs/guide/01-rest-vs-grpc.md', content: '# REST and gRPC\n' } satisfies ContentDocument,
};

export const getContent = {
  operationId: 'getContent',
  tag: 'content',
  summary: 'List the pages, or retrieve one',
  description: 'Lists the documentation pages in reading order. With `path`, returns one of them as Markdown.',
  responses: {
    200: {
      description: 'The list of pages, or the page',
      content: { 'application/json': { schema: contentSchema, examples } },
    },
  },
  errors: ['INVALID_PATH', 'NOT_FOUND'],
} satisfies Operation;

export const getContentAsset = {
  operationId: 'getContentAsset',
  tag: 'content',
  summary: 'Retrieve an image of a page',
  description: 'Returns an image that a documentation page embeds.',
  responses: {
    200: {
      description: 'The image',
      content: Object.fromEntries(
        ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'].map((mediaType) => [
          mediaType,
          { schema: z.file().meta({ description: 'The bytes of the image' }) },
        ]),
      ),
    },
  },
  errors: ['INVALID_PATH', 'NOT_FOUND'],
} satisfies Operation;

const sourceExamples = {
  folder: {
    path: 'packages/ports',
    entries: [
      { path: 'packages/ports/src', kind: 'folder' },
      { path: 'packages/ports/package.json', kind: 'file' },
    ],
  } satisfies SourceFolder,
  file: { path: 'packages/ports/src/clock.ts', content: 'export {};\n' } satisfies SourceFile,
};

export const getContentSource = {
  operationId: 'getContentSource',
  tag: 'content',
  summary: 'Retrieve source code',
  description:
    "Returns one file of the repository's code as text, or the contents of a folder. Data, settings and built files are not readable.",
  responses: {
    200: {
      description: 'The file, or the folder',
      content: { 'application/json': { schema: sourceSchema, examples: sourceExamples } },
    },
  },
  errors: ['INVALID_PATH', 'NOT_FOUND'],
} satisfies Operation;
