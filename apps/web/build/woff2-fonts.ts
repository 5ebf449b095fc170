import type { Plugin } from 'vite';

const OLDER_FORMATS = /,\s*url\([^)]+\)\s*format\("(?:woff|truetype)"\)/g;

/** Omits the older formats of fonts from the style sheet of KaTeX: every supported browser loads WOFF2. */
export function woff2Fonts(): Plugin {
  return {
    name: 'prodigon:woff2-fonts',
    enforce: 'pre',
    transform: {
      filter: { id: /katex.*\.css$/ },
      handler: (code) => ({ code: code.replace(OLDER_FORMATS, ''), map: null }),
    },
  };
}
