import { describe, expect, it } from 'vitest';
import { currentDocumentPath, isListed, pathFromUrl, resolveDocumentImage, resolveDocumentLink } from './document-links.ts';

const ORIGIN = 'http://127.0.0.1:8000';
const link = (href: string) => resolveDocumentLink(href, 'docs/guide/01.md', ORIGIN);

describe('resolveDocumentLink', () => {
  it('resolves links to other documents to reader pages', () => {
    expect(link('02.md')).toEqual({ kind: 'internal', href: '/read/docs/guide/02.md' });
    expect(link('../architecture/a.md#the-rule')).toEqual({ kind: 'internal', href: '/read/docs/architecture/a.md#the-rule' });
    expect(link('./with space.md')).toEqual({ kind: 'internal', href: '/read/docs/guide/with%20space.md' });
    expect(link('/README.md')).toEqual({ kind: 'internal', href: '/read/README.md' });
  });

  it('keeps links to headings on the page', () => {
    expect(link('#here')).toEqual({ kind: 'anchor', href: '#here' });
  });

  it('resolves links to source files and folders, with their lines', () => {
    expect(link('../../packages/ports/src/clock.ts#L3')).toEqual({
      kind: 'internal',
      href: '/read/packages/ports/src/clock.ts#L3',
    });
    expect(link('../examples/')).toEqual({ kind: 'internal', href: '/read/docs/examples' });
    expect(link('/LICENSE')).toEqual({ kind: 'internal', href: '/read/LICENSE' });
    expect(link('../../')).toEqual({ kind: 'blocked' });
  });

  it('opens every page of the web UI in the app, and the documents of the gateway as ordinary links', () => {
    for (const href of [
      '/jobs',
      '/jobs/new?clone=1',
      '/usage',
      '/settings',
      '/settings/models',
      '/dashboard',
      '/chat',
      '/read/README.md#x',
    ]) {
      expect(link(href)).toEqual({ kind: 'internal', href });
    }
    expect(link('/docs')).toEqual({ kind: 'origin', href: '/docs' });
    expect(link('/openapi.json')).toEqual({ kind: 'origin', href: '/openapi.json' });
    expect(link('/docs/guide/02.md')).toEqual({ kind: 'internal', href: '/read/docs/guide/02.md' });
  });

  it('applies the general link policy to absolute links', () => {
    expect(link('https://example.com/a.md')).toEqual({ kind: 'external', href: 'https://example.com/a.md' });
    expect(link('javascript:alert(1)//.md')).toEqual({ kind: 'blocked' });
    expect(link('//evil.example/a.md')).toEqual({ kind: 'external', href: 'http://evil.example/a.md' });
  });
});

describe('resolveDocumentImage', () => {
  it('loads images of the repository from the gateway', () => {
    expect(resolveDocumentImage('img/shell.png', 'docs/a.md')).toEqual({
      src: '/api/v1/content/asset?path=docs%2Fimg%2Fshell.png',
      isOnRequest: false,
    });
  });

  it('loads remote images on request only', () => {
    expect(resolveDocumentImage('https://example.com/a.png', 'README.md')).toEqual({
      src: 'https://example.com/a.png',
      isOnRequest: true,
    });
    expect(resolveDocumentImage('data:image/svg+xml,<svg/>', 'README.md')).toBeUndefined();
  });
});

describe('pathFromUrl', () => {
  it('returns the path within the repository', () => {
    expect(pathFromUrl('/read')).toBe('');
    expect(pathFromUrl('/read/docs/with%20space.md')).toBe('docs/with space.md');
    expect(pathFromUrl('/read/%E0%A4%A')).toBeNull();
  });
});

describe('currentDocumentPath', () => {
  it('defaults to the README and then to the first document', () => {
    const entries = [{ path: 'docs/a.md' }, { path: 'README.md' }];
    expect(currentDocumentPath('/read', entries)).toBe('README.md');
    expect(currentDocumentPath('/read', entries.slice(0, 1))).toBe('docs/a.md');
    expect(currentDocumentPath('/read', [])).toBeNull();
    expect(currentDocumentPath('/read/docs/b.md', entries)).toBe('docs/b.md');
  });
});

it('finds documents in the list, and not the Markdown of the code', () => {
  expect(['README.md', 'CONTRIBUTING.md'].map((path) => isListed(path, [{ path: 'README.md' }]))).toEqual([true, false]);
});
