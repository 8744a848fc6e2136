import { randomBytes } from 'node:crypto';
import type { FoundedServer } from '../support/machines/process.js';
import { asOwner } from '../support/machines/database.js';
import { FIND_DEVICE } from '../../src/server/auth/access.guard.js';
import { LIST } from '../../src/server/referrals/reading/read.js';
import { SEND } from '../../src/server/referrals/sending/send.js';

/** SQL with `:name` variables as pgbench has them; `:r` is a random whole number, new for every run of the script. */
export interface Script {
  readonly statements: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** 32 bytes, and an id, that differ for every run. */
const BYTES = (label: string): string => `sha256(convert_to(:r::text || '${label}', 'UTF8'))`;
const ID = (label: string): string => `md5(:r::text || '${label}')::uuid`;
const KID = (label: string): string => `left(translate(encode(${BYTES(label)}, 'base64'), '+/=', '-_'), 43)`;

/** What the server runs for one request of a device, with the values of a real one where they do not matter. */
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
    statements: [access, bind(SEND.text, sendValues(at, server.network))],
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

/** In the order of the statement's places. */
function sendValues(at: At, { laRuelle, clinique }: FoundedServer['network']): string[] {
  return [
    BYTES('key'),
    `:r::bigint`,
    BYTES('request'),
    at.entries,
    `'${at.today}'`,
    '1',
    `ARRAY['${at.kid}']`,
    ID('referral'),
    `'referral'`,
    `'${laRuelle.service}'`,
    `'${clinique.service}'`,
    BYTES('toKey'),
    `'routine'`,
    '336',
    ID('consent'),
    BYTES('given'),
    BYTES('head'),
    `'${at.today}'`,
    `'${at.today}'`,
    `'${at.today}'`,
    KID('person'),
    KID('read'),
    'false',
    ':ctx::bytea',
    ':body::bytea',
    ':box::bytea',
    `'{1,2,3}'`,
    'ARRAY[:wrap::bytea, :wrap::bytea, :wrap::bytea]',
    'ARRAY[:jws::text, :jws::text]',
    `ARRAY[${BYTES('o1')}, ${BYTES('o2')}]`,
    `ARRAY[${ID('l1')}, ${ID('l2')}]`,
    `ARRAY['\\x01'::bytea || ${BYTES('l1')}, '\\x01'::bytea || ${BYTES('l2')}]`,
    KID('second'),
    ':second::bytea',
    '5000',
  ];
}

export async function inboxScript(server: FoundedServer): Promise<Script> {
  const { worker, service } = server.network.clinique;
  const access = await accessStatement(server, worker.state.device);
  // as variables, so that both are planned without knowing them
  const values = [':service::uuid[]', 'NULL', 'NULL', ':limit::bigint'];
  const variables = { service: `{${service}}`, limit: '51' };
  return { statements: [access, bind(LIST.inbox.open.text, values)], variables };
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
  return bind(FIND_DEVICE.text, [`'\\x${token.hash}'`, `'${token.thumbprint}'`]);
}

/** `$n` become SQL expressions; a statement and values that do not fit each other are refused. */
function bind(text: string, values: readonly string[]): string {
  const used = new Set<number>();
  const bound = text.replaceAll(/\$(\d+)/g, (_, number: string) => {
    used.add(Number(number));
    return values[Number(number) - 1] ?? '';
  });
  const isWhole = used.size === values.length && Math.max(...used) === values.length;
  if (!isWhole) throw new Error(`a statement of ${used.size} places, and ${values.length} values`);
  // a colon in a text would begin a variable
  return bound.replaceAll(/\s+/g, ' ').replaceAll(':MI:SS', `' || chr(58) || 'MI' || chr(58) || 'SS`);
}

function hex(bytes: number): string {
  return `\\x${randomBytes(bytes).toString('hex')}`;
}
