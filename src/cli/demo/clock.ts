import pg from 'pg';

/** Lets domain time run ahead for a while, over the owner's connection: nobody else can. */
export async function withClock(ownerUrl: string, ahead: string, during: () => Promise<void>): Promise<void> {
  const owner = new pg.Client(ownerUrl);
  await owner.connect();
  const set = async (expression: string): Promise<void> => {
    const sql = `CREATE OR REPLACE FUNCTION domain_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT ${expression} $$`;
    await owner.query(sql);
  };
  try {
    await set(`now() + interval '${ahead}'`);
    await during();
  } finally {
    await set('now()');
    await owner.end();
  }
}
