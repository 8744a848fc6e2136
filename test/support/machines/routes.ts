import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../../src/app.js';
import { readConfig } from '../../../src/server/config/index.js';
import { givenDatabase } from './database.js';

/**
 * Every route of the application, `METHOD /path/:param`, as its router knows them, in the documentation or
 * not.
 */
export async function listRoutes(): Promise<string[]> {
  const urls = await givenDatabase();
  const data = mkdtempSync(join(tmpdir(), 'relais-routes-'));
  const app = await createApp(
    readConfig({
      RELAIS_DATA: data,
      DATABASE_URL: urls.application,
      DATABASE_OWNER_URL: urls.owner,
      DATABASE_SEQUENCER_URL: urls.sequencer,
    }),
  );
  try {
    await app.init();
    return readTree(app.getHttpAdapter().getInstance().printRoutes()).sort();
  } finally {
    await app.close();
    rmSync(data, { recursive: true });
  }
}

/**
 * The router prints its tree; each level is indented by four characters and adds to the path of the one
 * above.
 */
function readTree(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    const depth = indent.length / 4;
    above.splice(depth, Infinity, part);
    return methods?.split(', ').map((method) => `${method} ${above.join('')}`) ?? [];
  });
}
