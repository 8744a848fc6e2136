// For files that are made from the code and committed. Used by openapi.js, errors.js and client-docs.js.
import { readFileSync, writeFileSync } from 'node:fs';

/** Writes the file; with `--check` only says whether the committed one is still true. */
export function writeOrCheck(file, text, command) {
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file.pathname.split('/').at(-1)} does not fit the code any more: ${command}\n`);
    process.exitCode = 1;
  }
}
