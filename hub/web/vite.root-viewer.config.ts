/** The ROOT viewer: one classic script, because a sandboxed page of no origin cannot load modules. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  publicDir: here('./root-viewer/public'),
  define: { 'process.env.NODE_ENV': '"production"', 'import.meta': '{}' },
  resolve: {
    alias: [
      // JSROOT brings the parts of three that it uses; the whole is three times as large.
      { find: /^three$/, replacement: here('./node_modules/jsroot/modules/three.mjs') },
      { find: /^three\/addons$/, replacement: here('./node_modules/jsroot/modules/three_addons.mjs') },
      // TeX in titles is drawn by JSROOT itself; MathJax would be fetched from elsewhere anyway.
      { find: /^mathjax.*/, replacement: here('./stubs/node-only/index.js') },
    ],
  },
  build: {
    outDir: here('../src/cygnet_hub/services/sync/static/root-viewer'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 4000,
    lib: { entry: here('./root-viewer/main.ts'), formats: ['iife'], name: 'CygnetRootViewer', fileName: () => 'viewer.js' },
    rollupOptions: { output: { codeSplitting: false } },
  },
});
