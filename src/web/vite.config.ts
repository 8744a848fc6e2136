import { defineConfig } from 'vite';

/** Static pages below dist/web, each with its own small scripts. Nothing is inlined: the policy forbids it. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // what a bundle weighs, test/web/ holds
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: ['receipt/index.html', 'today/index.html'].map((page) => `${import.meta.dirname}/${page}`),
    },
  },
});
