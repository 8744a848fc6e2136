import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cruise, type ICruiseResult, type IConfiguration } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const require = createRequire(import.meta.url);
const { forbidden = [], options = {} } = require('../.dependency-cruiser.cjs') as IConfiguration;

async function look(baseDir: string): Promise<ICruiseResult['summary']> {
  const tsConfig = extractTsConfig('tsconfig.test.json');
  const rules = { ...options, baseDir, ruleSet: { forbidden }, validate: true };
  const { output } = await cruise(['src', 'migrations', 'test'], rules, {}, { tsConfig });
  return (output as ICruiseResult).summary;
}

async function violations(baseDir: string): Promise<string[]> {
  return (await look(baseDir)).violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

describe('the imports of the project', () => {
  it('run one way', async () => {
    expect(await violations(process.cwd())).toEqual([]);
    const { totalCruised, totalDependenciesCruised = 0 } = await look(process.cwd());
    expect(totalCruised).toBeGreaterThan(200);
    expect(totalDependenciesCruised).toBeGreaterThan(1000);
  });
});

describe('the rules about imports', () => {
  let project: string;
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'relais-imports-'));
    symlinkSync(join(process.cwd(), 'node_modules'), join(project, 'node_modules'));
    symlinkSync(join(process.cwd(), 'package.json'), join(project, 'package.json'));
    for (const folder of ['src', 'migrations', 'test']) mkdirSync(join(project, folder));
  });
  afterEach(() => {
    rmSync(project, { recursive: true });
  });

  function given(path: string, imported?: string): void {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    const line =
      imported === undefined
        ? 'export const a = 1;'
        : `import { a } from '${imported}';\nexport const b = a;`;
    writeFileSync(join(project, path), `${line}\n`);
  }

  it('see a function that opens, however far from the server', async () => {
    given('src/protocol/crypto/body-open.ts');
    given('src/protocol/innocent.ts', './crypto/body-open.js');
    given('src/server/referrals/reading/read.ts', '../../../protocol/innocent.js');
    expect(await violations(project)).toContain(
      'server-cannot-open: src/server/referrals/reading/read.ts → src/protocol/crypto/body-open.ts',
    );
  });

  it.each([
    ['server-without-client', 'src/server/log/a.ts', 'src/client/b.ts', '../../client/b.js'],
    ['cli-without-server', 'src/cli/a.ts', 'src/server/log/index.ts', '../server/log/index.js'],
    ['log-imports-downwards', 'src/server/log/a.ts', 'src/server/charter/index.ts', '../charter/index.js'],
    ['log-by-its-index', 'src/server/charter/a.ts', 'src/server/log/tree.ts', '../log/tree.js'],
    ['common-on-the-ground', 'src/server/common/a.ts', 'src/server/log/index.ts', '../log/index.js'],
    ['protocol-is-the-ground', 'src/protocol/a.ts', 'src/client/b.ts', '../client/b.js'],
    ['client-on-protocol', 'src/client/a.ts', 'src/database/b.ts', '../database/b.js'],
    ['no-test-in-source', 'src/client/a.ts', 'test/support/b.ts', '../../test/support/b.js'],
    ['migrations-alone', 'migrations/1-a.ts', 'src/protocol/b.ts', '../src/protocol/b.js'],
  ])('%s is broken by %s importing %s', async (rule, from, to, imported) => {
    given(to);
    given(from, imported);
    expect(await violations(project)).toContain(`${rule}: ${from} → ${to}`);
  });

  it.each([
    ['libsodium-in-crypto-only', 'src/server/log/a.ts', 'libsodium-wrappers'],
    ['protocol-is-pure', 'src/protocol/a.ts', 'node:fs'],
    ['no-development-in-source', 'src/cli/a.ts', 'fast-check'],
    ['no-unresolved', 'src/cli/a.ts', './nowhere.js'],
  ])('%s is broken by %s importing %s', async (rule, from, imported) => {
    given(from, imported);
    expect((await violations(project)).join('\n')).toContain(`${rule}: ${from} → `);
  });

  it('see a cycle', async () => {
    given('src/client/a.ts', './b.js');
    given('src/client/b.ts', './a.js');
    expect(await violations(project)).toContain('no-cycles: src/client/a.ts → src/client/b.ts');
  });
});
