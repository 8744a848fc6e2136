import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/**
 * Three logins, three rights: the owner changes the schema, the other two do what was granted to them, and no
 * more.
 */
export interface DatabaseUrls {
  readonly owner: string;
  readonly application: string;
  readonly sequencer: string;
}

export interface Secrets extends DatabaseUrls {
  readonly superuser: string;
}

const DATABASE_NAME = 'relais';

/** Random passwords, made once, kept beside the data directory with mode 0600. */
export function readSecrets(home: string): Secrets {
  const path = join(home, 'database-secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  if (existsSync(join(home, 'postgres', 'PG_VERSION'))) {
    throw new Error(
      `${path} is missing: without it nobody can enter this database. Restore it from a backup.`,
    );
  }
  const secret = (): string => randomBytes(24).toString('base64url');
  const secrets = { superuser: secret(), owner: secret(), application: secret(), sequencer: secret() };
  writePrivate(path, secrets);
  return secrets;
}

/** All of the file or none of it, readable by its owner alone. */
function writePrivate(path: string, content: object): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * Makes what is missing of roles, logins and database, and writes the three URLs to `database-urls.json`
 * (0600).
 */
export async function prepareLogins(home: string, sockets: string, secrets: Secrets): Promise<DatabaseUrls> {
  const client = new pg.Client({
    host: sockets,
    user: 'postgres',
    password: secrets.superuser,
    database: 'postgres',
  });
  await client.connect();
  try {
    await client.query(rolesSql(secrets));
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_NAME} OWNER relais_owner`);
  } finally {
    await client.end();
  }
  const urls = urlsOf(sockets, secrets);
  writePrivate(join(home, 'database-urls.json'), urls);
  return urls;
}

/** Group roles carry the rights, logins carry the passwords. */
export function rolesSql({ owner, application, sequencer }: DatabaseUrls): string {
  const role = (name: string, options: string): string =>
    `IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name} ${options}; END IF;`;
  return `DO $$ BEGIN
    ${role('relais_app', 'NOLOGIN')}
    ${role('relais_sequencer', 'NOLOGIN')}
    ${role('relais_owner', `LOGIN CREATEDB PASSWORD '${owner}'`)}
    ${role('relais_application', `LOGIN PASSWORD '${application}' IN ROLE relais_app`)}
    ${role('relais_sequencing', `LOGIN PASSWORD '${sequencer}' IN ROLE relais_sequencer`)}
  END $$`;
}

function urlsOf(sockets: string, secrets: Secrets): DatabaseUrls {
  const url = (login: string, secret: string): string =>
    `postgresql://${login}:${secret}@localhost/${DATABASE_NAME}?host=${encodeURIComponent(sockets)}`;
  return {
    owner: url('relais_owner', secrets.owner),
    application: url('relais_application', secrets.application),
    sequencer: url('relais_sequencing', secrets.sequencer),
  };
}

/** The same three logins on another database of the same embedded server. */
export function onDatabase(urls: DatabaseUrls, name: string): DatabaseUrls {
  const moved = (url: string): string => url.replace(`/${DATABASE_NAME}?`, `/${name}?`);
  return { owner: moved(urls.owner), application: moved(urls.application), sequencer: moved(urls.sequencer) };
}
