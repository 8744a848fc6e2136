import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** Each line of the threat model names the tests that would fail if it were false, by folder and name. */
describe('docs/threat-model.md', () => {
  const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/`([a-z0-9]+\/[a-z0-9-]*)`/g)].map(([, name = '']) => name);

  it('points to tests that are there', () => {
    expect(named.length).toBeGreaterThan(30);
    const missing = named.filter((name) => !existsSync(new URL(`../${name}.spec.ts`, import.meta.url)));
    expect(missing).toEqual([]);
  });

  it('has a test, or says why there is none, in every line of what is stolen and what is tried', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
    for (const row of rows) expect(row).toMatch(/\| (?:test|[^|]*(?:`|not tested:|arithmetic)[^|]*) \|$/);
  });
});
