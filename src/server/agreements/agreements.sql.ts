export const insertTextSql = `
INSERT INTO agreement_text (agreement, text_hash, text) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;

export const findTextSql = 'SELECT text FROM agreement_text WHERE agreement = $1';
