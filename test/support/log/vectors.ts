import { readFileSync } from 'node:fs';

/** A file of `test/vectors/`; whoever reads it says what it holds. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8'));
}
