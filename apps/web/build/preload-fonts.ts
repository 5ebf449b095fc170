import type { Plugin } from 'vite';

/** Adds a preload link for the text font, so that the browser does not wait for the style sheet to request it. */
export function preloadFonts(): Plugin {
  return {
    name: 'prodigon:preload-fonts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const fonts = Object.keys(bundle ?? {}).filter((name) => /inter-latin-wght-normal.*\.woff2$/.test(name));
        return fonts.map((name) => ({
          tag: 'link',
          attrs: { rel: 'preload', href: `/${name}`, as: 'font', type: 'font/woff2', crossorigin: '' },
          injectTo: 'head' as const,
        }));
      },
    },
  };
}
