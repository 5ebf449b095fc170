import { GATEWAY_PREFIXES } from '@prodigon/contracts';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { bundleReport } from './build/bundle-report.ts';
import { precompress } from './build/precompress.ts';
import { preloadFonts } from './build/preload-fonts.ts';
import { woff2Fonts } from './build/woff2-fonts.ts';

const gateway = `http://127.0.0.1:${process.env.GATEWAY_PORT ?? 8000}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), woff2Fonts(), preloadFonts(), precompress(), bundleReport()],
  server: {
    port: 5173,
    strictPort: true,
    proxy: Object.fromEntries(GATEWAY_PREFIXES.map((path) => [path, gateway])),
  },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    // Inlined fonts and icons would be data: URLs, which the content security policy blocks.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              // Every page needs these. In one file they compress better than in several.
              name: 'shell',
              test: /node_modules\/(?:clsx|react|react-dom|scheduler|wouter|regexparam|zustand)\/|vite\/preload-helper|src\/design\/(?:button|copy-text|lazy-part|error-boundary|failure-notice|notice|app-version|icons|browser-hooks|format)\.tsx?$/,
            },
            {
              // The parts of pages that scroll.
              name: 'page',
              test: /src\/design\/(?:page|use-scroll-restoration|scroll-positions|download-text|use-hash-target)\.tsx?$|lucide-react\/.*\/(?:arrow-left|arrow-right|download)\./,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
});
