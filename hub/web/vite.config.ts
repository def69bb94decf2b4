import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { pdfjsData } from './pdfjs-data.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Relative, so that the built site works below any prefix: <base> in index.html says which.
  base: './',
  plugins: [react(), pdfjsData()],
  resolve: {
    alias: {
      '@cygnet/gallery': here('../../extensions/src/gallery/index'),
      '@cygnet/inbox': here('../../extensions/src/inbox/index'),
      '@cygnet/rootfile': here('../../extensions/src/rootfile/index'),
      '@cygnet/sharing': here('../../extensions/src/sharing/index'),
      '@cygnet/teaching': here('../../extensions/src/teaching/index'),
      '@cygnet/texts': here('../../extensions/src/texts/index'),
    },
    // The share dialog lies outside this folder and must not bring a React of its own.
    dedupe: ['react', 'react-dom'],
  },
  build: {
    // A catalogue is fetched, whatever its size: only who speaks its language needs it.
    assetsInlineLimit: file => (file.endsWith('.json') ? false : undefined),
    outDir: here('../src/cygnet_hub/services/sync/static'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
  },
  test: { environment: 'happy-dom', isolate: false, include: ['{src,root-viewer}/**/*.test.{ts,tsx}'] },
});
