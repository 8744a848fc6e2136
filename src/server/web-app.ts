import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { formatManifest, webAppFiles } from '../protocol/web-manifest.js';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** What the build of src/web leaves: pages, and below assets/ what their names' hashes fix for ever. */
const ROOT = fileURLToPath(new URL('../../web/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * Nothing but what this server itself delivers: no inline script or style, no frame, no form that goes anywhere. Pictures
 * and files that the page makes are `blob:`; WebAssembly is libsodium's; the worker's address is the one that its policy makes.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types relais-worker',
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
};

/**
 * Serves the built web app from this server's own origin, so that one command is enough. The few files are read and packed
 * once; no request names a path on the disk. `/web-app.sha256` lists them, so that partners can watch what is delivered.
 */
export function addWebApp(app: INestApplication): void {
  if (!existsSync(ROOT)) return;
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  const files = webAppFiles(readdirSync(`${ROOT}assets`));
  for (const [path, file] of files)
    serve(
      fastify,
      path,
      file,
      file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
  const manifest = formatManifest(new Map(files.map(([path, file]) => [path, readFileSync(ROOT + file)])));
  fastify.get('/web-app.sha256', (_request, reply) =>
    reply
      .headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' })
      .send(manifest),
  );
}

function serve(fastify: FastifyInstance, path: string, file: string, caching: string): void {
  const plain = readFileSync(ROOT + file);
  const packed = gzipSync(plain, { level: 9 });
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  fastify.get(path, (request, reply) => {
    const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    void reply.headers({ ...HEADERS, 'content-type': type, 'cache-control': caching });
    return takesGzip ? reply.header('content-encoding', 'gzip').send(packed) : reply.send(plain);
  });
}
