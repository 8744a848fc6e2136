import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { rolesSql } from '../../database/logins.js';
import {
  compareMigrations,
  connectionOptions,
  startEmbedded,
  type DatabaseUrls,
} from '../../database/index.js';
import { findRunning } from '../running.js';
import { reasonOf } from '../../process.js';
import { doubtful, good, wrong, type Finding } from './finding.js';
import { nearest } from './machine.js';

interface Reached {
  readonly urls: DatabaseUrls;
  readonly says: string;
  readonly isOwn: boolean;
  close(): Promise<void>;
}

interface Login {
  readonly name: string;
  readonly version: number;
  readonly isSuper: boolean;
  readonly canCreate: boolean;
  readonly groups: string[];
  readonly apart: number;
}

type Purpose = keyof typeof GROUP_OF;

const GROUP_OF = { owner: undefined, application: 'relais_app', sequencer: 'relais_sequencer' } as const;
/** SQLSTATE: no such login, wrong password, no such database. */
const REFUSED_LOGIN = /^(28|3D)/;
const PLACEHOLDER = 'PUT-A-RANDOM-WORD-HERE';
const MEND_PAGES =
  'move to another one. What lies on damaged pages cannot be read; restore the newest complete backup, or ask the services\nto send it again. Withdrawals go on meanwhile.';
const APART_S = 5;
const LOGIN_SQL = `SELECT current_user AS name, current_setting('server_version_num')::int AS version,
  rolsuper AS "isSuper", has_schema_privilege('public', 'CREATE') AS "canCreate",
  ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname IN ('relais_app', 'relais_sequencer')
    AND pg_has_role(current_user, oid, 'MEMBER')) AS groups,
  extract(epoch FROM clock_timestamp())::float8 AS apart
  FROM pg_roles WHERE rolname = current_user`;

/** Reaches the database in the way in which the server would, looks at it, and leaves it as it was found. */
export async function checkDatabase(data: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  let reached: Reached | Finding;
  try {
    reached = await reach(data, env);
  } catch (error) {
    return [wrong('Database', 'does not start', reasonOf(error))];
  }
  if ('verdict' in reached) return [reached];
  try {
    return [good('Database', reached.says), ...(await examine(reached))];
  } finally {
    await reached.close();
  }
}

async function reach(data: string, env: NodeJS.ProcessEnv): Promise<Reached | Finding> {
  if (env['DATABASE_URL'] !== undefined) return reachOwn(env);
  if (!existsSync(join(data, 'postgres'))) {
    await rehearse(data);
    return good('Database', 'not made yet; "relais init" makes it, and a trial of that went well');
  }
  const close = (): Promise<void> => Promise.resolve();
  const running = await findRunning(data);
  if (running) return { urls: running, says: 'the embedded PostgreSQL is running', isOwn: false, close };
  const database = await startEmbedded(data);
  return {
    urls: database.urls,
    says: 'the embedded PostgreSQL starts',
    isOwn: false,
    close: () => database.stop(),
  };
}

/** All that the first start will do, beside the place where it will. */
async function rehearse(data: string): Promise<void> {
  const scratch = mkdtempSync(join(nearest(data), '.relais-doctor-'));
  try {
    await (await startEmbedded(scratch)).stop();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function reachOwn(env: NodeJS.ProcessEnv): Reached | Finding {
  const { DATABASE_URL, DATABASE_OWNER_URL, DATABASE_SEQUENCER_URL } = env;
  if (
    DATABASE_URL === undefined ||
    DATABASE_OWNER_URL === undefined ||
    DATABASE_SEQUENCER_URL === undefined
  ) {
    const mend = 'Set DATABASE_URL, DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL, or none of them.';
    return wrong('Database', 'only some of its three URLs are set', `${mend}\n${rolesOfOwn()}`);
  }
  const urls = { application: DATABASE_URL, owner: DATABASE_OWNER_URL, sequencer: DATABASE_SEQUENCER_URL };
  return {
    urls,
    says: 'a PostgreSQL of your own (DATABASE_URL)',
    isOwn: true,
    close: () => Promise.resolve(),
  };
}

async function examine({ urls, isOwn }: Reached): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const purpose of ['owner', 'application', 'sequencer'] as const) {
    findings.push(await checkLogin(purpose, urls[purpose], isOwn));
    // one explanation is enough
    if (findings.at(-1)?.verdict === 'wrong') return findings;
  }
  return [...findings, await checkMigrations(urls.owner), await checkPages(urls.owner)];
}

async function checkLogin(purpose: Purpose, url: string, isOwn: boolean): Promise<Finding> {
  const what = `Login of the ${purpose}`;
  try {
    return judgeLogin(what, purpose, await look(url));
  } catch (error) {
    if (!isOwn) return wrong(what, `cannot enter: ${reasonOf(error)}`, 'Restart Relais.');
    const isUnknown = REFUSED_LOGIN.test((error as { code?: string }).code ?? '');
    const unreachable = 'See that PostgreSQL runs there, and that host, port and name in its URL are right.';
    return wrong(what, `cannot enter: ${reasonOf(error)}`, isUnknown ? rolesOfOwn() : unreachable);
  }
}

async function look(url: string): Promise<Login> {
  const client = new pg.Client(connectionOptions(url));
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Login>(LOGIN_SQL);
    const [login] = rows;
    if (!login) throw new Error('the login is unknown to PostgreSQL');
    return { ...login, apart: Math.abs(Date.now() / 1000 - login.apart) };
  } finally {
    await client.end();
  }
}

function judgeLogin(what: string, purpose: Purpose, login: Login): Finding {
  const { name, version } = login;
  const group = GROUP_OF[purpose];
  if (version < 150_000 || version >= 190_000)
    return wrong(what, 'this PostgreSQL is not supported', 'Use 15, 16, 17 or 18.');
  if (login.isSuper) return wrong(what, `${name} is a superuser, whom nothing holds back`, rolesOfOwn());
  if (group === undefined && !login.canCreate) {
    return wrong(
      what,
      `${name} may not make tables`,
      `Give it the database: ALTER DATABASE … OWNER TO ${name};`,
    );
  }
  if (group !== undefined && login.canCreate) {
    return wrong(
      what,
      `${name} may change the schema`,
      `Use three different logins, or: REVOKE CREATE ON SCHEMA public FROM ${name};`,
    );
  }
  if (group !== undefined && login.groups.join() !== group) {
    return wrong(
      what,
      `${name} is in ${login.groups.join(' and ') || 'no group'}`,
      `It must be in this one alone: GRANT ${group} TO ${name};`,
    );
  }
  if (login.apart > APART_S) {
    return doubtful(
      what,
      `PostgreSQL’s clock is ${Math.round(login.apart)} s from this machine’s`,
      'Keep both right (NTP).',
    );
  }
  return good(what, name);
}

async function checkMigrations(ownerUrl: string): Promise<Finding> {
  const client = new pg.Client(connectionOptions(ownerUrl));
  await client.connect();
  try {
    const { missing, unknown } = await compareMigrations(client);
    if (unknown.length > 0) {
      return wrong(
        'Tables',
        `made by a newer Relais (${unknown.join(', ')})`,
        'Start that version of Relais, or a newer one.',
      );
    }
    return good(
      'Tables',
      missing.length === 0 ? 'up to date' : `${missing.length} changes will be made at the next start`,
    );
  } finally {
    await client.end();
  }
}

/** Whether a changed bit of the disk would be noticed, and whether one was. */
async function checkPages(ownerUrl: string): Promise<Finding> {
  const what = 'Pages';
  const client = new pg.Client(connectionOptions(ownerUrl));
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ checked: boolean; failures: number; last: Date | null }>(
      `SELECT current_setting('data_checksums') = 'on' AS checked, coalesce(checksum_failures, 0)::integer AS failures,
         checksum_last_failure AS last FROM pg_stat_database WHERE datname = current_database()`,
    );
    const { checked, failures, last } = rows[0] ?? { checked: false, failures: 0, last: null };
    if (!checked)
      return doubtful(
        what,
        'have no checksums: a changed bit of the disk is not noticed',
        'Stop PostgreSQL, and run: pg_checksums --enable -D ITS_DIRECTORY',
      );
    if (failures === 0) return good(what, 'checked at each reading; none was found damaged');
    return wrong(
      what,
      `were found damaged ${failures} times, last on ${last?.toISOString().slice(0, 10) ?? 'an unknown day'}`,
      `The disk or the memory of this machine fails: ${MEND_PAGES}`,
    );
  } finally {
    await client.end();
  }
}

function rolesOfOwn(): string {
  const secrets = { owner: PLACEHOLDER, application: PLACEHOLDER, sequencer: PLACEHOLDER };
  const sql = rolesSql(secrets).replaceAll(' CREATEDB', '');
  return `In a PostgreSQL of your own, a superuser makes the roles once, each with a password of its own:
${sql};
CREATE DATABASE relais OWNER relais_owner;`;
}
