// Writes openapi.json from the built server; with --check only says whether the committed one is still true.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../dist/src/app.js';
import { readConfig } from '../dist/src/server/config/index.js';
import { openApiDocument } from '../dist/src/server/openapi-document.js';
import { writeOrCheck } from './made.js';

const FILE = new URL('../openapi.json', import.meta.url);
const nowhere = (login) => `postgresql://${login}:nowhere-to-be-found@localhost/none?host=/nowhere`;

// No route is called and no connection opened: the document comes from the controllers alone.
const data = mkdtempSync(join(tmpdir(), 'relais-openapi-'));
const app = await createApp(
  readConfig({
    RELAIS_DATA: data,
    DATABASE_URL: nowhere('a'),
    DATABASE_OWNER_URL: nowhere('o'),
    DATABASE_SEQUENCER_URL: nowhere('s'),
  }),
);
const text = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
rmSync(data, { recursive: true });

writeOrCheck(FILE, text, 'npm run build && npm run openapi');
