import { describe } from '@jest/globals';

/**
 * Registers tests where nothing is missing; elsewhere says what is, and how to get it. Under CI that is a
 * failure.
 */
export function describeWith(name: string, packages: readonly string[], tests: () => void): void {
  const how = `needs: apt-get install ${packages.join(' ')}`;
  const isMissing = packages.length > 0;
  if (isMissing && process.env['CI'] === 'true') throw new Error(`${name} ${how}`);
  if (isMissing) process.stderr.write(`skipped: ${name} ${how}\n`);
  (isMissing ? describe.skip : describe)(name, tests);
}
