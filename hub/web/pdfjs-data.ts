/** Copies what pdf.js loads while it draws (fonts, character maps, image decoders) beside the built site. */
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const FOLDERS = ['cmaps', 'standard_fonts', 'wasm'];

export function pdfjsData(): Plugin {
  let out = '';
  return {
    name: 'pdfjs-data',
    apply: 'build',
    configResolved: config => {
      out = config.build.outDir;
    },
    closeBundle: () => {
      const from = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
      for (const folder of FOLDERS) {
        cpSync(join(from, folder), join(out, 'pdfjs', folder), { recursive: true });
      }
    },
  };
}
