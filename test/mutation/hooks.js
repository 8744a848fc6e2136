import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import jestConfig from '../../jest.config.js';

const GLOBALS = new URL('./globals.js', import.meta.url).href;
const [[, swcOptions]] = Object.values(jestConfig.transform);
let replaced;

/** Files in whose place others are loaded: from the end of the one's address to the other's. */
export function initialize(replace) {
  replaced = Object.entries(replace);
}

/**
 * Specs and sources are loaded as jest loads them: `.js` names a `.ts` beside it, `#sha256` and the like
 * Node's own.
 */
export function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: GLOBALS, shortCircuit: true };
  const { parentURL } = context;
  if (!parentURL?.endsWith('.ts')) return next(specifier, context);
  if (specifier.startsWith('#')) return next(seamOf(specifier, parentURL), context);
  const source = new URL(specifier.replace(/\.js$/, '.ts'), parentURL);
  const isSource = specifier.startsWith('.') && existsSync(source);
  return next(isSource ? inPlaceOf(source, parentURL) : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { ...swcOptions, filename });
  return { format: 'module', source: code, shortCircuit: true };
}

function inPlaceOf({ href }, parentURL) {
  const [from, to] = replaced.find(([end]) => href.endsWith(end)) ?? ['', ''];
  return from === '' || parentURL.endsWith(to) ? href : href.slice(0, -from.length) + to;
}

/** What a seam of package.json stands for, in the sources of whoever imports it. */
function seamOf(specifier, parentURL) {
  const file = jestConfig.moduleNameMapper[`^${specifier}$`];
  return file.replace('<rootDir>', parentURL.replace(/\/(?:src|test)\/(?!.*\/(?:src|test)\/).*$/, ''));
}
