import { readdirSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * Compiles the benchmarks beside what `npm run build` has made, and runs them with this command's arguments.
 */
const folders = ['test/bench', 'test/support'];
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`),
);
await build({
  entryPoints: sources.filter((name) => name.endsWith('.ts')),
  outdir: 'dist/test',
  outbase: 'test',
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
await import(new URL('../dist/test/bench/main.js', import.meta.url).href);
