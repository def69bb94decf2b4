/** The ROOT viewer: one classic script, because a sandboxed page of no origin cannot load modules. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const OUT = here('../src/cygnet_hub/services/sync/static/root-viewer');
const FOR_LAB = here('../../extensions/cygnet_extensions/root_viewer');

/** The same as one page for JupyterLab, whose server would want a login for what the frame loads. */
function onePage(): Plugin {
  const read = (name: string): string => readFileSync(`${OUT}/${name}`, 'utf-8');
  const closeBundle = (): void => {
    // Neither may end the element that it stands in.
    const script = read('viewer.js').replace(/<(\/script|!--)/gi, '\\x3c$1');
    const page = read('index.html')
      .replaceAll("'self'", "'unsafe-inline'")
      .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${read('viewer.css')}</style>`)
      .replace(/<script src=[^>]*><\/script>/, () => `<script>${script}</script>`);
    mkdirSync(FOR_LAB, { recursive: true });
    writeFileSync(`${FOR_LAB}/viewer.html`, page);
  };
  return { name: 'one-page', closeBundle };
}

export default defineConfig({
  plugins: [onePage()],
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
    outDir: OUT,
    emptyOutDir: true,
    chunkSizeWarningLimit: 4000,
    lib: { entry: here('./root-viewer/main.ts'), formats: ['iife'], name: 'CygnetRootViewer', fileName: () => 'viewer.js' },
    rollupOptions: { output: { codeSplitting: false } },
  },
});
