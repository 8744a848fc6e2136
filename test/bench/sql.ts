import { randomBytes } from 'node:crypto';
import type { FoundedServer } from '../support/machines/process.js';
import { asOwner } from '../support/machines/database.js';
import type { Query } from '../../src/database/index.js';
import { FIND_DEVICE } from '../../src/server/auth/access.guard.js';
import { LIST } from '../../src/server/referrals/reading/read.js';
import { SEND } from '../../src/server/referrals/sending/send.js';

/**
 * SQL with `:name` variables as pgbench has them; `:r` is a random whole number, new for every run of the
 * script.
 */
export interface Script {
  readonly statements: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** 32 bytes, and an id, that differ for every run. */
const BYTES = (label: string): string => `sha256(convert_to(:r::text || '${label}', 'UTF8'))`;
const ID = (label: string): string => `md5(:r::text || '${label}')::uuid`;
const KID = (label: string): string => `left(translate(encode(${BYTES(label)}, 'base64'), '+/=', '-_'), 43)`;

/**
 * What the server runs for one request of a device, with the values of a real one where they do not matter.
 */
export async function sendScript(server: FoundedServer): Promise<Script> {
  const { laRuelle } = server.network;
  const [at] = await asOwner<At>(
    server.urls,
    `SELECT (SELECT next FROM registry_head)::text AS entries, domain_today()::text AS today,
       (SELECT kid FROM service_key WHERE service = '${laRuelle.service}' LIMIT 1) AS kid`,
  );
  if (!at) throw new Error('no registry');
  const access = await accessStatement(server, laRuelle.worker.state.device);
  return {
    statements: [access, bind(SEND, sendValues(at, server.network))],
    variables: {
      ctx: hex(185),
      body: hex(4176),
      box: hex(1216),
      wrap: hex(1168),
      second: hex(1232),
      jws: 'x'.repeat(1100),
    },
  };
}

interface At {
  readonly entries: string;
  readonly today: string;
  readonly kid: string;
}

function sendValues(at: At, { laRuelle, clinique }: FoundedServer['network']): Expressions<typeof SEND> {
  const today = `'${at.today}'`;
  return {
    callKey: BYTES('key'),
    callLock: `:r::bigint`,
    callRequest: BYTES('request'),
    entries: at.entries,
    today,
    charterVersion: '1',
    signers: `ARRAY['${at.kid}']`,
    referral: ID('referral'),
    kind: `'referral'`,
    source: `'${laRuelle.service}'`,
    target: `'${clinique.service}'`,
    toKey: BYTES('toKey'),
    priority: `'routine'`,
    hours: '336',
    consent: ID('consent'),
    givenHash: BYTES('given'),
    headHash: BYTES('head'),
    lastDay: today,
    sendUntil: today,
    keepUntil: today,
    personKid: KID('person'),
    readKid: KID('read'),
    wordNeeded: 'false',
    ctx: ':ctx::bytea',
    body: ':body::bytea',
    personBox: ':box::bytea',
    roles: `'{1,2,3}'`,
    wraps: 'ARRAY[:wrap::bytea, :wrap::bytea, :wrap::bytea]',
    texts: 'ARRAY[:jws::text, :jws::text]',
    openings: `ARRAY[${BYTES('o1')}, ${BYTES('o2')}]`,
    pendings: `ARRAY[${ID('l1')}, ${ID('l2')}]`,
    leaves: `ARRAY['\\x01'::bytea || ${BYTES('l1')}, '\\x01'::bytea || ${BYTES('l2')}]`,
    secondKid: KID('second'),
    secondSealed: ':second::bytea',
    mostOpen: '5000',
  };
}

export async function inboxScript(server: FoundedServer): Promise<Script> {
  const { worker, service } = server.network.clinique;
  const access = await accessStatement(server, worker.state.device);
  // as variables, so that both are planned without knowing them
  const values = {
    services: ':service::uuid[]',
    afterSentAt: 'NULL',
    afterId: 'NULL',
    limit: ':limit::bigint',
  };
  const variables = { service: `{${service}}`, limit: '51' };
  return { statements: [access, bind(LIST.inbox.open, values)], variables };
}

/** The token of the device is the one that its load uses. */
async function accessStatement({ urls }: FoundedServer, device: string): Promise<string> {
  const rows = await asOwner<{ hash: string; thumbprint: string }>(
    urls,
    `SELECT encode(t.hash, 'hex') AS hash, t.thumbprint
     FROM access_token t WHERE t.device = '${device}' ORDER BY t.expires_at DESC LIMIT 1`,
  );
  const [token] = rows;
  if (!token) throw new Error('the device has no token');
  return bind(FIND_DEVICE, { hash: `'\\x${token.hash}'`, thumbprint: `'${token.thumbprint}'` });
}

/** An SQL expression for each value of a query. */
type Expressions<Q> = Q extends Query<infer V> ? { readonly [K in keyof V]: string } : never;

/** `$n` become SQL expressions. */
function bind<V>(query: Query<V>, expressions: { readonly [K in keyof V]: string }): string {
  const values = query.values(expressions as V) as string[];
  const bound = query.text.replaceAll(/\$(\d+)/g, (_, number: string) => values[Number(number) - 1] ?? '');
  // a colon in a text would begin a variable
  return bound.replaceAll(/\s+/g, ' ').replaceAll(':MI:SS', `' || chr(58) || 'MI' || chr(58) || 'SS`);
}

function hex(bytes: number): string {
  return `\\x${randomBytes(bytes).toString('hex')}`;
}
