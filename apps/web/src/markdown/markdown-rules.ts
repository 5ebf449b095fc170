import type { Tokens } from 'marked';
import { createContext } from 'react';
import { type SafeLink, safeImage, safeLink } from './link-policy.ts';

export interface ImageSource {
  src: string;
  /** True for other people's servers: asking them tells who reads, so the reader decides. */
  askFirst: boolean;
}

/** What the text around the Markdown decides about it: where links lead, what images may load, anchors of headings. */
export interface MarkdownRules {
  link: (href: string) => SafeLink | { kind: 'anchor'; href: string };
  image: (href: string) => ImageSource | undefined;
  headingId: (heading: Tokens.Heading) => string | undefined;
}

/** For text that a model wrote: nothing is relative to anything, and headings are no places to link to. */
export const untrustedRules: MarkdownRules = {
  link: (href) => safeLink(href, location.origin),
  image: (href) => {
    const src = safeImage(href);
    return src ? { src, askFirst: true } : undefined;
  },
  headingId: () => undefined,
};

export const MarkdownRulesContext = createContext<MarkdownRules>(untrustedRules);
