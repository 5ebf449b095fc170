import { describe, expect, it } from 'vitest';
import { safeImage, safeLink } from './link-policy.ts';

const ORIGIN = 'http://127.0.0.1:8000';

describe('safeLink', () => {
  it.each([
    ['/read/docs/guide/01.md#two', { kind: 'internal', href: '/read/docs/guide/01.md#two' }],
    ['/chat?model=a', { kind: 'internal', href: '/chat?model=a' }],
    [`${ORIGIN}/dashboard`, { kind: 'internal', href: '/dashboard' }],
    ['/jobs/1?open=0', { kind: 'internal', href: '/jobs/1?open=0' }],
    ['/settings/models', { kind: 'internal', href: '/settings/models' }],
    ['/docs', { kind: 'origin', href: '/docs' }],
    ['/chatter', { kind: 'origin', href: '/chatter' }],
    ['https://example.com/a?b=1#c', { kind: 'external', href: 'https://example.com/a?b=1#c' }],
    ['mailto:a@example.com', { kind: 'external', href: 'mailto:a@example.com' }],
    ['//evil.example/x', { kind: 'external', href: 'http://evil.example/x' }],
    ['/\\evil.example', { kind: 'external', href: 'http://evil.example/' }],
  ])('resolves %s', (href, expected) => {
    expect(safeLink(href, ORIGIN)).toEqual(expected);
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'javascript&colon;alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:http://127.0.0.1:8000/1',
    'file:///etc/passwd',
    'http://',
    'relative/page.md',
    '#heading',
    '',
  ])('blocks %j', (href) => {
    expect(safeLink(href, ORIGIN)).toEqual({ kind: 'blocked' });
  });
});

describe('safeImage', () => {
  it('returns https URLs only', () => {
    expect(safeImage('https://example.com/a.png')).toBe('https://example.com/a.png');
    for (const href of ['http://example.com/a.png', 'data:image/png;base64,AA', 'a.png', '//example.com/a.png']) {
      expect(safeImage(href)).toBeUndefined();
    }
  });
});
