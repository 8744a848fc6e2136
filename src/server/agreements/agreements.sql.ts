import { named, sql, unprepared } from '../../database/index.js';

const v = named<{ agreement: string; textHash: Uint8Array; text: string }>();
export const insertTextSql = unprepared(
  'agreement-insert-text',
  sql`INSERT INTO agreement_text (agreement, text_hash, text) VALUES (${v.agreement}, ${v.textHash}, ${v.text})
  ON CONFLICT DO NOTHING`,
);

export const findTextSql = unprepared(
  'agreement-find-text',
  sql`SELECT text FROM agreement_text WHERE agreement = ${v.agreement}`,
);
