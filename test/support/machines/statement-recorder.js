import { appendFileSync } from 'node:fs';
import pg from 'pg';

/**
 * Preloaded into a server: each named statement whose plan is kept goes to the file `RECORD_STATEMENTS`,
 * once.
 */
const file = process.env.RECORD_STATEMENTS;
const seen = new Set();
const { query } = pg.Client.prototype;

pg.Client.prototype.query = function (asked, ...rest) {
  const { name, text } = asked ?? {};
  const isKept = this.connectionParameters.options?.includes('force_generic_plan');
  if (file && name && text && isKept && !seen.has(name)) {
    seen.add(name);
    appendFileSync(file, `${JSON.stringify({ name, text })}\n`);
  }
  return query.call(this, asked, ...rest);
};
