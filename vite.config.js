import { defineConfig } from 'vite';

// what is delivered must be the same bytes wherever it is built: partners compare them (`relais monitor`)
process.env.NODE_ENV = 'production';

const root = `${import.meta.dirname}/src/web`;

/**
 * Static pages below dist/web, each with its own small scripts. Nothing is inlined: the policy of the pages
 * forbids it.
 */
export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: `${import.meta.dirname}/dist/web`,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // what the pages may weigh, test/web/ holds
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: Object.fromEntries(
        [
          ...['receipt', 'today', 'audit'].map((page) => [page, `${page}/index.html`]),
          ...['fr', 'nl', 'en', 'ar'].map((language) => [`doors-${language}`, `doors/${language}.html`]),
        ].map(([name, file]) => [name, `${root}/${file}`]),
      ),
    },
  },
});
