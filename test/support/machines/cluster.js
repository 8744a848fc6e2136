import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache');
const FOLDERS = ['src/database', 'src/database/backup', 'migrations'];

let running;

/** One PostgreSQL for the whole run; its database `relais`, migrated, is the template of every spec's own. */
export async function startCluster() {
  const directory = mkdtempSync(join(tmpdir(), 'relais-test-'));
  const { migrate, startEmbedded } = await loadDatabase();
  const database = await startEmbedded(directory);
  running = { database, directory };
  try {
    await migrate(database.urls.owner);
  } catch (error) {
    // jest calls no teardown when its setup fails
    await stopCluster();
    throw error;
  }
  process.env['RELAIS_TEST_CLUSTER'] = join(directory, 'database-urls.json');
}

export async function stopCluster() {
  await running?.database.stop();
  if (running) rmSync(running.directory, { recursive: true, force: true });
}

/**
 * jest does not compile what its setup imports: these few files are compiled here, so that no build is older
 * than they.
 */
async function loadDatabase() {
  mkdirSync(CACHE, { recursive: true });
  const build = mkdtempSync(join(CACHE, 'relais-test-'));
  try {
    cpSync(join(ROOT, 'package.json'), join(build, 'package.json'));
    for (const folder of FOLDERS) compile(folder, build);
    const loaded = await import(pathToFileURL(join(build, 'src/database/index.js')).href);
    const { migrate, startEmbedded } = loaded;
    return { migrate: async (url) => migrate(url).finally(() => remove(build)), startEmbedded };
  } catch (error) {
    remove(build);
    throw error;
  }
}

function compile(folder, build) {
  mkdirSync(join(build, folder), { recursive: true });
  const sources = readdirSync(join(ROOT, folder)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  for (const name of sources) {
    const { code } = transformSync(readFileSync(join(ROOT, folder, name), 'utf8'), {
      filename: name,
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
      module: { type: 'es6' },
    });
    writeFileSync(join(build, folder, name.replace(/\.ts$/, '.js')), code);
  }
}

function remove(build) {
  rmSync(build, { recursive: true, force: true });
}
