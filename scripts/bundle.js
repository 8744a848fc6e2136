// Puts each program of dist/ into few files: loading hundreds of small ones costs a start more than all that
// it then does. What is loaded by name stays outside: migrations, PostgreSQL's own files, and what Nest and
// TypeORM look for and may not find; and `pg`, of which a process has one, also where something watches it.
import { copyFileSync } from 'node:fs';
import { build } from 'esbuild';

const PROGRAMS = ['main', 'cli/main', 'database/holder'];
const OPTIONAL = [
  ...['microservices', 'platform-express', 'websockets'].map((name) => `@nestjs/${name}`),
  ...['multipart', 'static', 'view'].map((name) => `@fastify/${name}`),
  'pg-native',
];

copyFileSync('openapi.json', 'dist/openapi.json');
await build({
  entryPoints: PROGRAMS.map((out) => ({ in: `dist/src/${out}.js`, out })),
  outdir: 'dist/src',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  // one folder deep, as every module is that finds a file by its own place
  chunkNames: 'bundle/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  keepNames: true,
  external: [
    'pg',
    'typeorm',
    'class-transformer/storage',
    ...OPTIONAL.flatMap((name) => [name, `${name}/*`]),
  ],
  // CommonJS modules ask for Node's own by `require`
  banner: {
    js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
  },
  // the compiler's plugin for OpenAPI writes a member twice where a decorator has it too
  logOverride: { 'duplicate-object-key': 'silent' },
  logLevel: 'warning',
});
